import ArgumentParser
import Foundation
import ReckonPolicy
import ReckonSeal

/// `reckon policy digest DIR`.
struct PolicyDigestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Print the digest of every file that a policy can load."
    )

    @Argument(help: "The policy's directory.")
    var directory: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws { try PolicyPath.requireDirectory(directory) }

    func run() throws {
        do throws(PolicyProblem) {
            let policy = try PolicyDirectory(reading: directory)
            let files = policy.files.map { (name: $0.name, digest: PolicyDigest.of($0.bytes)) }
            if json {
                let rows = files.map { file in
                    JSONText.object([
                        ("file", JSONText.string(file.name)), ("sha256", JSONText.string(file.digest)),
                    ])
                }
                PolicyOutput.print(
                    JSONText.object([
                        ("digest", JSONText.string(policy.digest)), ("files", JSONText.array(rows)),
                    ])
                )
            } else {
                for file in files { PolicyOutput.print(Ink.output.dim("\(file.digest)  \(file.name)")) }
                PolicyOutput.print("\(policy.digest)  \(directory)")
            }
        } catch {
            throw PolicyOutput.failure(error)
        }
    }
}

/// `reckon policy pack DIR --out FOLDER`.
struct PolicyPackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Put a policy and what it uses of lib into one folder.",
        discussion:
            "The packed policy does the same; its digest is another, for digests cover the files' names."
    )

    @Argument(help: "The policy's directory.")
    var directory: String

    @Option(help: "The folder to make.")
    var out: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws { try PolicyPath.requireDirectory(directory) }

    func run() throws {
        do throws(PolicyProblem) {
            let packed = try PolicyPack.write(directory, to: out)
            let names = packed.files.map(\.name)
            PolicyOutput.print(
                json
                    ? JSONText.object([
                        ("folder", JSONText.string(out)), ("digest", JSONText.string(packed.digest)),
                        ("files", JSONText.array(names.map(JSONText.string))),
                    ]) : "packed \(names.joined(separator: ", ")) into \(out), digest \(packed.digest)"
            )
        } catch {
            throw PolicyOutput.failure(error)
        }
    }
}

/// `reckon policy sign DIR --key FILE`.
struct PolicySignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Write a policy's manifest and sign it.",
        discussion: """
            The manifest has a SHA-256 for every file that can be loaded and a revision that only rises; the signature
            is Ed25519 over its bytes. --new-key makes the key first: FILE for its owner only, FILE.pub for verifying.
            """
    )

    @Argument(help: "The policy's directory; pack it first if it uses lib.")
    var directory: String

    @Option(help: "The file of the secret key.")
    var key: String

    @Flag(help: "Make the key; its file must not exist yet.")
    var newKey = false

    @Option(help: "The revision; one more than the last otherwise.")
    var revision: Int?

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try PolicyPath.requireDirectory(directory)
        if !newKey { try PolicyPath.requireReadable(key) }
        if newKey, FileManager.default.fileExists(atPath: key) {
            throw ValidationError("\(key) exists; leave out --new-key, or give another file")
        }
        if let revision, revision < 1 { throw ValidationError("--revision is \(revision); at least 1") }
    }

    func run() throws {
        do throws(PolicyProblem) {
            try sign()
        } catch {
            throw PolicyOutput.failure(error)
        }
    }

    private func sign() throws(PolicyProblem) {
        let secret = newKey ? try make() : try read()
        let policy = try PolicyDirectory(reading: directory)
        let last = try ReleaseLoader.contents(of: PolicyManifest.file, in: directory)
        let before =
            try last.map { text throws(PolicyProblem) in try PolicyManifest(reading: text).revision } ?? 0
        guard revision ?? before + 1 > before else {
            throw PolicyProblem(
                code: "revision",
                file: PolicyManifest.file,
                message: "the revision is \(before) already; it only rises"
            )
        }
        let name = try PolicyRuntime(policy).name
        let manifest = PolicyManifest(policy: name, revision: revision ?? before + 1, policy)
        try write(manifest.text, to: PolicyManifest.file)
        try write(try secret.signature(of: manifest), to: ReleaseLoader.signatureFile)
        let signer = try secret.publicKey().fingerprint
        PolicyOutput.print(
            json
                ? JSONText.object([
                    ("policy", JSONText.string(name)), ("revision", "\(manifest.revision)"),
                    ("digest", JSONText.string(policy.digest)), ("signer", JSONText.string(signer)),
                ])
                : "signed \(name), revision \(manifest.revision), \(manifest.rows.count) files, with the key \(signer)"
        )
    }

    private func make() throws(PolicyProblem) -> PolicySigningKey {
        let secret = PolicySigningKey.generate()
        let isMade = FileManager.default.createFile(
            atPath: key,
            contents: Data((secret.secretText + "\n").utf8),
            attributes: [.posixPermissions: 0o600]
        )
        let open = Data((try secret.publicKey().text + "\n").utf8)
        guard isMade, FileManager.default.createFile(atPath: key + ".pub", contents: open) else {
            throw PolicyProblem(code: "not_written", message: "\(key) and \(key).pub cannot be written")
        }
        return secret
    }

    private func read() throws(PolicyProblem) -> PolicySigningKey {
        let text = (try? String(contentsOfFile: key, encoding: .utf8)) ?? ""
        return try PolicySigningKey(reading: text)
    }

    private func write(_ text: String, to name: String) throws(PolicyProblem) {
        do {
            try Data(text.utf8).write(
                to: URL(fileURLWithPath: directory).appendingPathComponent(name),
                options: .atomic
            )
        } catch {
            throw PolicyProblem(
                code: "not_written",
                file: name,
                message: "the file cannot be written: \(error)"
            )
        }
    }
}

/// `reckon policy verify DIR --key FILE.pub`.
struct PolicyVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Load a policy as an engine does that demands a signature.",
        discussion:
            "Checks signature, digests and revision, compiles the policy, tries it out and runs its cases."
    )

    @Argument(help: "The policy's directory.")
    var directory: String

    @Option(help: "The file of the public key.")
    var key: String

    @Option(help: "The least revision that will do.")
    var leastRevision = 0

    @Option(help: "The digest that the policy must have.")
    var digest: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try PolicyPath.requireDirectory(directory)
        try PolicyPath.requireReadable(key)
    }

    func run() throws {
        do throws(PolicyProblem) {
            var rules = ReleaseRules()
            rules.trustedKeys = [
                try PolicyKey(reading: (try? String(contentsOfFile: key, encoding: .utf8)) ?? "")
            ]
            rules.pinnedDigest = digest
            rules.leastRevision = leastRevision
            let loaded = try ReleaseLoader.load(directory, rules)
            for warning in loaded.warnings { PolicyOutput.complain(warning.text) }
            let revision = loaded.revision ?? 0
            PolicyOutput.print(
                json
                    ? JSONText.object([
                        ("ok", "true"), ("policy", JSONText.string(loaded.runtime.name)),
                        ("revision", "\(revision)"),
                        ("digest", JSONText.string(loaded.digest)),
                        ("signer", loaded.signer.map(JSONText.string) ?? "null"),
                    ])
                    : Ink.output.green(
                        "\(loaded.runtime.name), revision \(revision), is as the key "
                            + "\(loaded.signer ?? "") signed it; digest \(loaded.digest)"
                    )
            )
        } catch {
            if json {
                PolicyOutput.print(
                    JSONText.object([
                        ("ok", "false"), ("code", JSONText.string(error.code)),
                        ("message", JSONText.string(error.message)),
                    ])
                )
            }
            throw PolicyOutput.failure(error)
        }
    }
}
