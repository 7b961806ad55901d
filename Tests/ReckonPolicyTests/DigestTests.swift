import ReckonPolicy
import Testing

@Suite("SHA-256")
struct DigestTests {
    /// Source: FIPS 180-4 examples and the NIST short-message vectors.
    @Test(
        "known answers",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                    + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
        ]
    )
    func knownAnswers(text: String, digest: String) {
        #expect(PolicyDigest.of(Array(text.utf8)) == digest)
    }

    @Test("a million letters")
    func million() {
        let bytes = [UInt8](repeating: 97, count: 1_000_000)
        #expect(PolicyDigest.of(bytes) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// Digest of the digests of "", "a", "aa", … up to 200 letters, as `sha256sum` gives it: each padding
    /// once.
    @Test("every length around a block's end")
    func lengths() {
        var all = ""
        for length in 0...200 { all += PolicyDigest.of([UInt8](repeating: 97, count: length)) }
        #expect(
            PolicyDigest.of(Array(all.utf8))
                == "eb555248bd20c7831e511d4461b42c9b084e3a64b44d57b00051172f8afe03ff"
        )
    }

    @Test("a policy's digest covers names, bytes and shared modules")
    func policy() throws {
        let main = "local m = require(\"m\")\n" + Sample.source("return knobs(), state")
        func digest(_ files: [String: String]) throws -> String { try Sample.directory(files).digest }
        let own = try digest(["policy.lua": main, "m.lua": "return {}"])
        #expect(try digest(["policy.lua": main, "m.lua": "return {}"]) == own)
        #expect(try digest(["policy.lua": main, "m.lua": "return { }"]) != own)
        #expect(try digest(["policy.lua": main, "lib/m.lua": "return {}"]) != own)
        #expect(try digest(["policy.lua": main + " ", "m.lua": "return {}"]) != own)
        #expect(try digest(["policy.lua": main, "m.lua": "return {}", "unused.lua": "x"]) == own)
    }
}
