package import ReckonEngine
package import ReckonJournal
import ReckonModel
import ReckonPolicy
import ReckonSeal

/// The policy that a start puts to work: verified, compiled and tried out as one that is loaded later.
package struct PolicyStart {
    package let desk: PolicyDesk
    package let source: PolicySource
    /// What the log should say about it.
    package let note: String?

    /// Loads the directory of the settings, or the version that an operator or the quarantine put in place of what still
    /// stands there.
    ///
    /// What the journal keeps byte for byte has been tried out before it was put to work, and is not tried again.
    package init(
        _ settings: PolicySettings,
        _ journal: Journal,
        _ facts: [StampedFact],
        isTried: Bool = false
    ) throws {
        let history = PolicyHistory(replaying: facts)
        let kept = try journal.reader.policyVersions()
        var rules = settings.rules
        if !rules.trustedKeys.isEmpty { rules.leastRevision = history.highestRevision }
        let files = try ReleaseFiles(reading: settings.directory)
        let digest = files.directory.digest
        var loaded: LoadedPolicy?
        if history.withdrawn == digest {
            let present = history.rows.last?.identity.digest
            loaded = try kept.first { $0.digest == present }.map {
                try ReleaseLoader.load(try $0.release(), settings.rules, isTried: true)
            }
        }
        note = loaded.map {
            "\(digest.prefix(16)) was taken away by an operator or its faults; \($0.digest.prefix(16)) goes on"
        }
        let isKnown = isTried || kept.contains { $0.digest == digest }
        desk = PolicyDesk(
            try loaded ?? ReleaseLoader.load(files, rules, isTried: isKnown),
            from: settings.directory,
            legacy: try .left(in: journal, facts)
        )
        source = PolicySource(directory: settings.directory, rules: settings.rules)
    }
}
