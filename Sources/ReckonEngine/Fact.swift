package import ReckonModel

/// Something decided or learnt.
///
/// Facts are the journal, and `EngineState.apply` is the only writer of state.
package enum Fact: Sendable, Codable, Hashable {
    case started(OrderIdentity)
    case instrumentsLoaded([Instrument])
    case intentAccepted(IntentAcceptance)
    /// A rule refused an intent; nothing was sent.
    case intentRefused(key: String, Refusal)
    case intentWithdrawn(IntentID)
    /// An exit is past its deadline; an alarm, never an end.
    case exitOverdue(IntentID)
    /// A bounded series of sends has ended without the exit being done; another may start later.
    case exitSeriesEnded(IntentID)
    case intentEnded(IntentID, IntentEnd)
    case orderPlanned(OrderTicket, intent: IntentID?, generation: Int)
    /// An order of ours or a stop of somebody's that we found at the venue and now look after.
    case orderAdopted(OrderTicket, OrderReport)
    case order(ClientOrderID, OrderFact)
    case positionCorrected(PositionCorrection)
    case coverPlanned(CoverPlan)
    /// A stop could not be placed; the next try waits.
    case coverFailed(Symbol, String)
    case roundConcluded(RoundConclusion)
    case leverageKnown(Symbol, Int)
    /// What we want the leverage of a symbol to be from now on.
    case leverageWished(Symbol, Int)
    case marginModeKnown(Symbol, isIsolated: Bool)
    /// Something on a symbol was put right; whether it had an effect is for a later round to say.
    case repairMade(Symbol, RepairKind)
    /// So many repairs in a row had no effect; the next series waits.
    case repairSeriesEnded(Symbol, RepairKind)
    case positionForced(ForcedClose)
    /// The venue wants no request before then; kept, as a restart does not end a ban.
    case pauseAsked(until: Instant)
    case policyLoaded(PolicyIdentity)
    /// Somebody wanted another version of the policy; what came of it.
    case policyChanged(PolicyChange)
    /// How often a shadow has differed so far; noted whenever the way it differs is another.
    case shadowCompared(ShadowTally)
    case verdictEnforced(Enforcement)
    case operatorCommanded(OperatorCommand)
    case journalLatched(String)
    case journalRecovered
    case flatten(CommandScope, FlattenFact)
    case sharing(SharingFact)
    case replacement(IntentID, ReplacementFact)
    /// A resting order ended without our wish while the venue's countdown ran: held for its work.
    case countdownFired(Symbol, ClientOrderID)
}

/// A fact with its place and time.
///
/// Facts carry their time so that deadlines can be derived anew after a restart.
package struct StampedFact: Sendable, Codable, Hashable {
    /// Counted from 1 without gaps.
    package let number: Int64
    package let at: Instant
    package let fact: Fact

    package init(number: Int64, at: Instant, fact: Fact) {
        self.number = number
        self.at = at
        self.fact = fact
    }

    /// The symbol that the fact is about, where it is about one.
    package var symbol: Symbol? {
        switch fact {
        case .intentAccepted(let acceptance): acceptance.intent.symbol
        case .intentRefused(_, let refusal): refusal.symbol
        case .orderPlanned(let ticket, _, _), .orderAdopted(let ticket, _): ticket.symbol
        case .positionCorrected(let correction): correction.symbol
        case .coverPlanned(let plan): plan.symbol
        case .coverFailed(let symbol, _), .leverageKnown(let symbol, _), .leverageWished(let symbol, _),
            .marginModeKnown(let symbol, _), .repairMade(let symbol, _), .repairSeriesEnded(let symbol, _):
            symbol
        case .positionForced(let close): close.symbol
        case .countdownFired(let symbol, _), .flatten(.symbol(let symbol), _): symbol
        case .sharing(.found(_, let symbol, _)): symbol
        case .flatten(.account, _), .replacement: nil
        case .started, .instrumentsLoaded, .intentWithdrawn, .exitOverdue, .exitSeriesEnded, .intentEnded,
            .order,
            .roundConcluded, .pauseAsked, .policyLoaded, .policyChanged, .shadowCompared, .verdictEnforced,
            .operatorCommanded,
            .journalLatched,
            .journalRecovered:
            nil
        }
    }
}

/// An intent as it was taken on.
package struct IntentAcceptance: Sendable, Codable, Hashable {
    package let id: IntentID
    package let correlation: CorrelationID
    package let intent: Intent
    /// What an entry is to reach, after sizing and rounding; zero for others.
    package let quantity: Quantity
    /// The position that an exit is to leave, as a magnitude; zero for others.
    package let target: Quantity
    /// The engine's own reason where it made the intent itself.
    package let origin: String?

    package init(
        id: IntentID,
        correlation: CorrelationID,
        intent: Intent,
        quantity: Quantity,
        target: Quantity,
        origin: String?
    ) {
        self.id = id
        self.correlation = correlation
        self.intent = intent
        self.quantity = quantity
        self.target = target
        self.origin = origin
    }
}

/// How an intent ended.
package struct IntentEnd: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        case filled
        case partlyFilled = "partly_filled"
        case cancelled
        case rejected
        case expired
        /// An exit has left what it was to leave; a protection is placed.
        case done
        case nothingToReduce = "nothing_to_reduce"
    }

    package let kind: Kind
    package let executed: Quantity
    /// A short code for people and metrics: the refusal, the reason.
    package let detail: String

    package init(_ kind: Kind, executed: Quantity, detail: String = "") {
        self.kind = kind
        self.executed = executed
        self.detail = detail
    }
}

/// The belief about one position replaced by what the venue shows.
package struct PositionCorrection: Sendable, Codable, Hashable {
    package let symbol: Symbol
    package let kind: Difference.Kind
    package let quantity: Quantity
    package let entryPrice: Price
    /// The venue's time of the position shown; fills up to it are in the quantity already.
    package let asOf: VenueInstant?
    package var origin = DriftOrigin.unexplained
    /// Not of our making, and by the operator's choice not ours to touch.
    package var isLeftAlone = false

    package init(
        symbol: Symbol,
        kind: Difference.Kind,
        quantity: Quantity,
        entryPrice: Price,
        asOf: VenueInstant?
    ) {
        self.symbol = symbol
        self.kind = kind
        self.quantity = quantity
        self.entryPrice = entryPrice
        self.asOf = asOf
    }
}
