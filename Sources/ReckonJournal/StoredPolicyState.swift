import Foundation
import GRDB

/// What a policy carried over from one verdict to the next, as its own encoding; opaque here.
package struct StoredPolicyState: Sendable, Hashable {
    /// Digest of the policy that the state belongs to.
    package let policyDigest: String
    /// The policy's own `state_version`, for migration over a reload.
    package let version: Int64
    package let bytes: [UInt8]

    package init(policyDigest: String, version: Int64, bytes: [UInt8]) {
        self.policyDigest = policyDigest
        self.version = version
        self.bytes = bytes
    }

    func store(in database: Database, at fact: Int64) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO policy_state (slot, policy_digest, version, at_fact, state)
                VALUES (1, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [policyDigest, version, fact, Data(bytes)])
    }
}

extension Journal {
    /// Stores a policy's state by itself; cheaper along with the verdict's facts in `commit`.
    package func savePolicyState(_ state: StoredPolicyState) throws(JournalFailure) {
        try commit([], policy: state)
    }

    /// The state that was stored last; the caller compares the digest with that of the policy it runs.
    package func loadPolicyState() throws(JournalFailure) -> StoredPolicyState? { try reader.policyState() }
}
