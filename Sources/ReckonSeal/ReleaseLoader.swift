import Foundation
package import ReckonEngine
package import ReckonModel
package import ReckonPolicy

/// What an operator demands of a policy before it may decide anything.
package struct ReleaseRules: Sendable, Hashable {
    /// Only a manifest signed by this key will do; without it unsigned policies are loaded too.
    package var requiredKey: PolicyKey?
    /// The digest that the policy must have.
    package var pinnedDigest: String?
    /// Signed revisions below this are refused: what was withdrawn does not come back by itself.
    package var leastRevision = 0
    /// Values of parameters that are not the default.
    package var overrides: Table<String, Double> = Table()

    package init() {}
}

/// A policy that was read, verified, compiled and tried out, and may be put to work.
///
/// Not `Sendable`, as its runtime: the task that loads it owns it.
package struct LoadedPolicy {
    package let runtime: PolicyRuntime
    /// Absent where the directory has no manifest.
    package let revision: Int?
    /// Fingerprint of the key that signed it, where one was demanded.
    package let signer: String?
    package let warnings: [PolicyProblem]

    package var digest: String { runtime.digest }

    /// What became of the state of the version before.
    package enum Handover: Sendable, Hashable {
        /// There was none.
        case fresh
        case carried
        /// By the policy's `migrate`, from this version of the state.
        case migrated(from: Int64)
        /// It could not be taken over: the policy starts from its initial state, for this reason.
        case reinitialised(PolicyFault)

        /// Whether the state is a new one, so that what was enforced has to be held for a while.
        package var isNew: Bool {
            switch self {
            case .fresh, .reinitialised: true
            case .carried, .migrated: false
            }
        }
    }

    /// Takes over the state of the version before, by `migrate` where its shape is another.
    ///
    /// Never fails: a state that cannot be taken over is left, and the answer says why.
    package func takeOver(_ kept: PolicyState?, asking question: PolicyQuestion) -> Handover {
        guard let kept else { return .fresh }
        do throws(PolicyFault) {
            try runtime.restore(kept, asking: question)
            return kept.version == runtime.stateVersion ? .carried : .migrated(from: kept.version)
        } catch {
            runtime.reset()
            return .reinitialised(error)
        }
    }
}

/// Loads policies the way an engine must: all of it read once, verified, compiled and tried out before anything of it is
/// put to work; else a problem that says what is wrong, and nothing has changed.
package enum ReleaseLoader {
    package static let signatureFile = "policy.sig"

    package static func load(_ path: String, _ rules: ReleaseRules) throws(PolicyProblem) -> LoadedPolicy {
        let directory = try PolicyDirectory(reading: path)
        if let pinned = rules.pinnedDigest, pinned != directory.digest {
            throw PolicyProblem(
                code: "digest_pinned",
                message: "the policy has the digest \(directory.digest), pinned is \(pinned)"
            )
        }
        let seal = try verify(path, directory, rules)
        let runtime = try PolicyRuntime(directory, overrides: rules.overrides)
        if let seal, seal.manifest.policy != runtime.name {
            throw PolicyProblem(
                code: "manifest_name",
                file: PolicyManifest.file,
                message: "the manifest is of `\(seal.manifest.policy)`, the policy is `\(runtime.name)`"
            )
        }
        return LoadedPolicy(
            runtime: runtime,
            revision: seal?.manifest.revision,
            signer: seal?.signer,
            warnings: try selfTest(directory, path, runtime, rules)
        )
    }

    /// Checks digests, revision and signature; gives the manifest, or nothing where there is none and none is needed.
    package static func verify(
        _ path: String,
        _ directory: PolicyDirectory,
        _ rules: ReleaseRules
    ) throws(PolicyProblem) -> (manifest: PolicyManifest, signer: String?)? {
        guard let text = try contents(of: PolicyManifest.file, in: path) else {
            guard rules.requiredKey == nil, rules.leastRevision == 0 else {
                throw PolicyProblem(
                    code: "unsigned",
                    file: PolicyManifest.file,
                    message:
                        "the policy has no manifest and a signed one is demanded; use `reckon policy sign`"
                )
            }
            return nil
        }
        var signer: String?
        if let key = rules.requiredKey {
            // The signature comes first: nothing of an unsigned manifest is believed.
            guard let signature = try contents(of: signatureFile, in: path),
                let bytes = Data(base64Encoded: signature.trimmingCharacters(in: .whitespacesAndNewlines)),
                key.accepts(bytes, of: text)
            else {
                throw PolicyProblem(
                    code: "signature",
                    file: signatureFile,
                    message: "the manifest is not signed by the key \(key.fingerprint)"
                )
            }
            signer = key.fingerprint
        }
        let manifest = try PolicyManifest(reading: text)
        try manifest.check(directory)
        guard manifest.revision >= rules.leastRevision else {
            throw PolicyProblem(
                code: "revision",
                file: PolicyManifest.file,
                message: "the revision is \(manifest.revision), at least \(rules.leastRevision) is demanded"
            )
        }
        return (manifest, signer)
    }

    /// The dry run of `check`, and the cases where the directory has some; gives what is only worth a warning.
    private static func selfTest(
        _ directory: PolicyDirectory,
        _ path: String,
        _ runtime: PolicyRuntime,
        _ rules: ReleaseRules
    ) throws(PolicyProblem) -> [PolicyProblem] {
        let problems = PolicyCheck(directory).problems
        if let error = problems.first(where: { $0.severity == .error }) { throw error }
        if rules.overrides.isEmpty, let file = try CaseFile(besidePolicyIn: path) {
            for example in file.cases {
                guard let failure = try CaseRun(example, with: runtime).failures.first else { continue }
                throw PolicyProblem(
                    code: "case_failed",
                    file: "cases.lua",
                    message: "case `\(example.name)` fails at \(failure.now) s: \(failure.message)"
                )
            }
            try runtime.setParameters(rules.overrides)
        }
        runtime.reset()
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
