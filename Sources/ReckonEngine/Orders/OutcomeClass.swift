package import ReckonModel

/// What an answer of the venue means for the request that it answers.
package enum OutcomeClass: Sendable, Codable, Hashable {
    /// Not executed; the very same request may go again after a pause.
    case retryable
    /// Not executed; may go again once something is changed.
    case retryableWith(Modification)
    /// The world is already as wished, or says so; a query decides.
    case idempotentSafe(Settled)
    /// Executed or not: unknown. Ask, never resend.
    case doubt
    /// Not executed, and repeating would not help.
    case fatal

    /// What has to change before a refused request may go again.
    package enum Modification: String, Sendable, Codable, Hashable, CaseIterable {
        case resyncClock
        case newID
        case dropFlag
        case reround
        case algoEndpoint
        case smallerSize
        /// The trigger is already crossed: exit at market instead.
        case wouldTrigger
        /// A limit price that the venue will not take now.
        case reprice
        /// Only reducing orders are allowed for now.
        case reduceOnly
        case rereadMode
        /// Something of ours stands in the way: cancel it first.
        case cancelConflicting
        case renewListenKey
    }

    /// In which way the world is already as wished.
    package enum Settled: String, Sendable, Codable, Hashable, CaseIterable {
        /// A cancel or query found no such open order.
        case unknownOrder
        /// A query found no such order at all, or not yet.
        case noSuchOrder
        /// An open order already carries this id: it is ours.
        case duplicateID
        /// Nothing left to reduce, or other orders claim it; not proof of flat.
        case reduceOnlyRejected
        /// A closePosition order of that kind already rests.
        case protectionExists
        /// The setting already has that value.
        case alreadySet
        /// The amendment changes nothing.
        case sameOrder
    }
}

/// A request that did not simply succeed.
package struct VenueFailure: Error, Sendable, Codable, Hashable {
    package let outcome: OutcomeClass
    /// The venue's own code, else the HTTP status, else 0 where nothing came back.
    package let code: Int
    /// The venue's words, or the transport's; never holds a secret (I-13).
    package let message: String
    /// How long the venue asks us to wait.
    package let retryAfter: Span?
    /// Whether the wait binds every request and not just this one (429, 418).
    package let stopsAllRequests: Bool
    /// Whether the wait binds every opening order: the venue is overloaded, or has had too many orders.
    package var stopsEntries = false

    package init(
        _ outcome: OutcomeClass,
        code: Int,
        message: String,
        retryAfter: Span? = nil,
        stopsAllRequests: Bool = false
    ) {
        self.outcome = outcome
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.stopsAllRequests = stopsAllRequests
    }

    /// Nothing usable came back: a timeout, a broken connection, an answer that cannot be read.
    package static func unknown(_ message: String, code: Int = 0) -> VenueFailure {
        VenueFailure(.doubt, code: code, message: message)
    }
}
