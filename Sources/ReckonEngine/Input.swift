package import ReckonModel

/// Everything that can happen to the engine.
package enum Input: Sendable, Hashable {
    /// The process begins; `epoch` is random text that no earlier start has used.
    case wake(epoch: String)
    /// A caller hands in an intent; the answer goes back by its ticket number.
    case intent(Submission)
    /// A caller takes an entry back; the answer goes back by its ticket number.
    case withdrawal(IntentID, ticket: Int64)
    /// The same by the caller's own key.
    case cancellation(key: String, ticket: Int64)
    /// A caller changes a working limit entry; the answer says that the replacement has begun, or why not.
    case amendment(Amendment, ticket: Int64)
    case placed(Placement, Result<OrderReport, VenueFailure>)
    /// The runner could not transmit in time; nothing left the machine.
    case dropped(Placement)
    case queried(OrderQuery, Result<OrderReport, VenueFailure>)
    /// A cancel may succeed without saying how the order stands.
    case cancelled(Cancellation, Result<OrderReport?, VenueFailure>)
    case snapshot(SnapshotQuestion, Result<SnapshotContent, VenueFailure>)
    case leverageSet(LeverageChange, Result<Int, VenueFailure>)
    case countdownSet(Countdown, Result<Span, VenueFailure>)
    /// The answer to a change of margin mode: whether it is isolated now.
    case marginModeSet(MarginChange, Result<Bool, VenueFailure>)
    /// The venue's limits, or how much of them is used.
    case rates(RateNews)
    /// The user stream speaks of an order.
    case report(OrderReport)
    /// The user stream speaks of positions, in absolute figures.
    case positionsChanged([PositionReport])
    case stream(StreamSignal)
    case clock(ClockOffset)
    case instruments([Instrument])
    case marks([Mark])
    case timer(EngineTimer)
    case verdict(PolicyVerdict)
    case policyLoaded(PolicyIdentity)
    /// A change of the policy was tried; whoever ordered it is answered by the ticket.
    case policyChanged(PolicyChange, ticket: Int64?)
    case shadowCompared(ShadowTally)
    case command(OperatorCommand, ticket: Int64)
    case journal(JournalSignal)
}

/// An intent on its way in.
package struct Submission: Sendable, Hashable {
    package let intent: Intent
    package let ticket: Int64

    package init(intent: Intent, ticket: Int64) {
        self.intent = intent
        self.ticket = ticket
    }
}

/// A symbol's mark price, as last heard.
package struct Mark: Sendable, Codable, Hashable {
    package let symbol: Symbol
    package let price: Price

    package init(symbol: Symbol, price: Price) {
        self.symbol = symbol
        self.price = price
    }
}

/// What the user stream itself does.
package enum StreamSignal: Sendable, Codable, Hashable {
    case connected
    case disconnected(String)
    /// Anything at all was heard, keep-alives of the venue included.
    case heard
    case keyExpired
}

/// What the journal tells the engine about itself (I-01).
package enum JournalSignal: Sendable, Codable, Hashable {
    case failed(String)
    case slow(Span)
    case healthy
}

/// Which policy answers from now on.
package struct PolicyIdentity: Sendable, Codable, Hashable {
    package let name: String
    package let version: String
    package let digest: String
    /// Of its manifest; absent where it has none.
    package let revision: Int?

    package init(name: String, version: String, digest: String, revision: Int? = nil) {
        self.name = name
        self.version = version
        self.digest = digest
        self.revision = revision
    }
}

/// Wake-ups that the engine arms for itself.
///
/// A late or superfluous one is an ordinary input.
package enum EngineTimer: Sendable, Codable, Hashable {
    case reconcile
    /// A round's answers are overdue.
    case roundOverdue(Int64)
    /// An order's next step is due: an answer is late, a query or a retry is wanted.
    case order(ClientOrderID)
    case intent(IntentID)
    case protection(Symbol)
    /// The venue's countdown for a symbol wants to be wound up again.
    case keepAlive(Symbol)
    /// A hint from the stream wants a look, unless it has settled by then.
    case hint
}

/// What an operator can order.
package enum OperatorCommand: Sendable, Codable, Hashable {
    case halt(reason: String)
    /// Ends every halt; refused while a flatten is not done.
    case resume(reason: String)
    /// Halt level 2: entries closed, orders off the book, positions closed, then stops removed.
    case flatten(CommandScope, reason: String)
    /// Takes every entry and resting exit off the book; protection stays.
    case cancelAll(CommandScope, reason: String)
    /// Ends a flatten on the operator's word instead of the venue's evidence.
    case releaseFlatten(CommandScope, reason: String)
    /// The operator answers for the strangers found so far.
    case resolveSharing(reason: String)

    package var reason: String {
        switch self {
        case .halt(let reason), .resume(let reason), .flatten(_, let reason), .cancelAll(_, let reason),
            .releaseFlatten(_, let reason), .resolveSharing(let reason):
            reason
        }
    }
}
