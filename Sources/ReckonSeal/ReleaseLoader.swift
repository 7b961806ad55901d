import Foundation
package import ReckonModel
package import ReckonPolicy

/// What an operator demands of a policy before it may decide anything.
package struct ReleaseRules: Sendable, Hashable {
    /// Only a manifest signed by one of these keys will do; without any unsigned policies are loaded too.
    package var trustedKeys: [PolicyKey] = []
    /// The digest that the policy must have.
    package var pinnedDigest: String?
    /// Signed revisions below this are refused: what was withdrawn does not come back by itself.
    package var leastRevision = 0
    /// Values of parameters that are not the default.
    package var overrides: Table<String, Double> = Table()

    package init() {}
}

/// Loads policies the way an engine must: all of it read once, verified, compiled and tried out before anything of it is
/// put to work; else a problem that says what is wrong, and nothing has changed.
package enum ReleaseLoader {
    package static let signatureFile = "policy.sig"

    package static func load(_ path: String, _ rules: ReleaseRules) throws(PolicyProblem) -> LoadedPolicy {
        try load(try ReleaseFiles(reading: path), rules)
    }

    /// Loads what was read; `isTried` spares what has passed dry run and cases before, byte for byte.
    package static func load(
        _ files: ReleaseFiles,
        _ rules: ReleaseRules,
        isTried: Bool = false
    ) throws(PolicyProblem) -> LoadedPolicy {
        let seal = try verify(files, rules)
        let warnings = isTried ? [] : try selfTest(files)
        let runtime = try PolicyRuntime(files.directory, overrides: rules.overrides)
        if let seal, seal.manifest.policy != runtime.name {
            throw PolicyProblem(
                code: "manifest_name",
                file: PolicyManifest.file,
                message: "the manifest is of `\(seal.manifest.policy)`, the policy is `\(runtime.name)`"
            )
        }
        return LoadedPolicy(
            files: files,
            runtime: runtime,
            revision: seal?.manifest.revision,
            signer: seal?.signer,
            warnings: warnings
        )
    }

    /// Checks pin, digests, revision and signature; gives the manifest, or nothing where there is none and none is needed.
    package static func verify(
        _ files: ReleaseFiles,
        _ rules: ReleaseRules
    ) throws(PolicyProblem) -> (manifest: PolicyManifest, signer: String?)? {
        if let pinned = rules.pinnedDigest, pinned != files.directory.digest {
            throw PolicyProblem(
                code: "digest_pinned",
                message: "the policy has the digest \(files.directory.digest), pinned is \(pinned)"
            )
        }
        guard let text = try files.text(of: PolicyManifest.file) else {
            guard rules.trustedKeys.isEmpty, rules.leastRevision == 0 else {
                throw PolicyProblem(
                    code: "unsigned",
                    file: PolicyManifest.file,
                    message:
                        "the policy has no manifest and a signed one is demanded; use `reckon policy sign`"
                )
            }
            return nil
        }
        // The signature comes first: nothing of an unsigned manifest is believed.
        let signer = try rules.trustedKeys.isEmpty ? nil : trustedSigner(of: text, files, rules)
        let manifest = try PolicyManifest(reading: text)
        try manifest.check(files.directory)
        guard manifest.revision >= rules.leastRevision else {
            throw PolicyProblem(
                code: "revision",
                file: PolicyManifest.file,
                message: "the revision is \(manifest.revision), at least \(rules.leastRevision) is demanded"
            )
        }
        return (manifest, signer)
    }

    private static func trustedSigner(
        of manifest: String,
        _ files: ReleaseFiles,
        _ rules: ReleaseRules
    ) throws(PolicyProblem) -> String {
        let text = try files.text(of: signatureFile) ?? ""
        let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? Data()
        guard let key = rules.trustedKeys.first(where: { $0.accepts(bytes, of: manifest) }) else {
            let names = rules.trustedKeys.map(\.fingerprint).joined(separator: ", ")
            throw PolicyProblem(
                code: "signature",
                file: signatureFile,
                message: "the manifest is not signed by the key \(names)"
            )
        }
        return key.fingerprint
    }

    /// The dry run of `check`, and the cases where the directory has some; gives what is only worth a warning.
    private static func selfTest(_ files: ReleaseFiles) throws(PolicyProblem) -> [PolicyProblem] {
        let problems = PolicyCheck(files.directory).problems
        if let error = problems.first(where: { $0.severity == .error }) { throw error }
        guard let bytes = files.bytes(of: CaseFile.name) else { return problems }
        // Cases speak of the policy as it declares its parameters, whatever the operator has set.
        let runtime = try PolicyRuntime(files.directory)
        for example in try CaseFile(source: bytes).cases {
            guard let failure = try CaseRun(example, with: runtime).failures.first else { continue }
            throw PolicyProblem(
                code: "case_failed",
                file: CaseFile.name,
                message: "case `\(example.name)` fails at \(failure.now) s: \(failure.message)"
            )
        }
        return problems
    }

    package static func contents(of name: String, in path: String) throws(PolicyProblem) -> String? {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name).path
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        guard let data = FileManager.default.contents(atPath: file), data.count <= PolicyManifest.byteLimit,
            let text = String(data: data, encoding: .utf8)
        else {
            throw PolicyProblem(
                code: "file_unreadable",
                file: name,
                message: "the file cannot be read as text of at most \(PolicyManifest.byteLimit) bytes"
            )
        }
        return text
    }
}
