import Foundation
import GRDB
import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

@Suite("Versions of policies in the journal")
struct VersionTests {
    private func version(_ digest: String, _ bytes: [UInt8]) -> StoredPolicyVersion {
        StoredPolicyVersion(
            digest: digest,
            name: "p",
            version: "1",
            revision: digest == "b" ? 7 : nil,
            files: [
                .init(name: "lib/x.lua", bytes: bytes),
                .init(name: "policy.lua", bytes: [0, 255, 10, 13, 0]),
            ]
        )
    }

    private func loaded(_ digest: String, _ number: Int64) -> StampedFact {
        let identity = PolicyIdentity(name: "p", version: "1", digest: digest)
        return StampedFact(number: number, at: .epoch, fact: .policyLoaded(identity))
    }

    @Test("they come back byte for byte, latest first, only so many, and the same one only once")
    func keeps() throws {
        let folder = try Folder()
        let path = folder.file("j.sqlite")
        let journal = try Journal.sample(path)
        #expect(try journal.reader.policyVersions().isEmpty)
        for (index, digest) in ["a", "b", "c", "b", "d"].enumerated() {
            try journal.commit(
                [loaded(digest, Int64(index + 1))],
                versions: .init(versions: [version(digest, [UInt8(index)])], keep: 3)
            )
        }
        #expect(try journal.reader.policyVersions().map(\.digest) == ["d", "b", "c"])
        try journal.close()
        let again = try Journal.sample(path)
        let kept = try again.reader.policyVersions()
        #expect(kept == [version("d", [4]), version("b", [3]), version("c", [2])])
        try again.close()
        let beside = try JournalReader(path: path).policyVersions()
        #expect(beside == kept)
    }

    @Test("a commit that fails leaves none of its versions")
    func allOrNothing() throws {
        let folder = try Folder()
        let journal = try Journal.sample(folder.file("j.sqlite"))
        #expect(throws: JournalFailure.self) {
            try journal.commit(
                [loaded("a", 9)],
                versions: .init(versions: [version("a", [1])], keep: 3)
            )
        }
        #expect(try journal.reader.policyVersions().isEmpty)
        try journal.close()
    }

    @Test("a journal of a build that kept no versions is opened, and keeps them from then on")
    func older() throws {
        let folder = try Folder()
        let path = folder.file("j.sqlite")
        try Journal.sample(path).close()
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "DROP TABLE policy_versions; DROP TABLE policy_files") }
        try queue.close()
        #expect(try JournalReader(path: path).policyVersions().isEmpty)
        let journal = try Journal.sample(path)
        try journal.commit([loaded("a", 1)], versions: .init(versions: [version("a", [1])], keep: 3))
        #expect(try journal.reader.policyVersions().map(\.digest) == ["a"])
        try journal.close()
    }
}
