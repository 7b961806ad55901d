package import ReckonEngine
package import ReckonJournal
package import ReckonModel

/// The journal as the crank reaches it.
package struct JournalPort: Sendable {
    /// Makes facts durable in one transaction, or throws.
    ///
    /// Blocks; called from the journal's own queue only.
    package var commit: @Sendable ([StampedFact]) throws -> Void
    /// All facts of one intent, oldest first; empty where there is none.
    package var story: @Sendable (IntentID) throws -> [StoryRow]
    /// The kept versions of policies, the one that was put to work last first.
    package var versions: @Sendable () throws -> [StoredPolicyVersion]
    package var close: @Sendable () throws -> Void

    package init(
        commit: @escaping @Sendable ([StampedFact]) throws -> Void,
        story: @escaping @Sendable (IntentID) throws -> [StoryRow] = { _ in [] },
        versions: @escaping @Sendable () throws -> [StoredPolicyVersion] = { [] },
        close: @escaping @Sendable () throws -> Void = {}
    ) {
        self.commit = commit
        self.story = story
        self.versions = versions
        self.close = close
    }
}

/// One fact of an intent's story, with what the journal keeps beside it.
package struct StoryRow: Sendable, Hashable {
    package let fact: StampedFact
    /// The fact's stable name, such as `intent_accepted`.
    package let kind: String
    package let order: ClientOrderID?
    /// The fact as the journal stores it: one JSON value.
    package let body: String

    package init(fact: StampedFact, kind: String, order: ClientOrderID?, body: String) {
        self.fact = fact
        self.kind = kind
        self.order = order
        self.body = body
    }
}
