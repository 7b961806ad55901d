package import ReckonModel

/// What can go wrong between the wire and the exchange.
package enum FaultKind: String, Codable, CaseIterable, Hashable, Sendable {
    /// Executed; the connection closes, or is held and then closes, without an answer.
    case answerLost = "answer_lost"
    /// Not executed; the connection closes, or is held and then closes.
    case requestLost = "request_lost"
    /// Executed at once, answered late.
    case slowAnswer = "slow_answer"
    /// Executed, but answered with 503 "Unknown error".
    case unknownExecuted = "unknown_executed"
    /// Not executed, and answered with 503 "Unknown error" just the same.
    case unknownNotExecuted = "unknown_not_executed"
    /// 503 "Service Unavailable.": not executed.
    case unavailable = "unavailable"
    /// HTTP 408, executed or not by a draw of the same cause.
    case requestTimeout = "request_timeout"
    /// -1007, executed or not by a draw of the same cause.
    case backendTimeout = "backend_timeout"
    /// 429 with `Retry-After`: not executed.
    case rateLimited = "rate_limited"
    /// -1008, for opening orders only: not executed.
    case overloaded = "overloaded"
    /// The user stream stays connected and says nothing; what happens meanwhile is never sent.
    case silentStream = "silent_stream"
    /// User streams are cut, and refused until it ends.
    case disconnect = "disconnect"
    case duplicatedEvents = "duplicated_events"
    case delayedEvents = "delayed_events"
    /// Positions and open orders are answered as of some time ago.
    case staleSnapshot = "stale_snapshot"
    /// Somebody cancels a stop of ours behind our back.
    case stopCancelled = "stop_cancelled"
    case listenKeyExpired = "listen_key_expired"

    /// Whether it happens by itself at some time, and not to a request or an event.
    package var isTimed: Bool {
        switch self {
        case .stopCancelled, .listenKeyExpired, .disconnect: true
        default: false
        }
    }

    /// Whether it lasts, and the log shows it as one entry from beginning to end.
    package var isStreamState: Bool { self == .silentStream || self == .disconnect }
}

/// Which requests a fault may hit.
package enum FaultScope: String, Codable, CaseIterable, Hashable, Sendable {
    case all
    /// Placing of ordinary and conditional orders.
    case orders
    /// Placing of orders that could open exposure.
    case openings
    case cancels
    /// Queries for one order, histories, trades.
    case queries
    /// Positions, open orders, open conditional orders.
    case snapshots
}

/// When a fault strikes.
///
/// Times count from the start of the venue.
package enum FaultTrigger: Hashable, Sendable {
    /// Everything in scope, from one moment until another.
    case window(from: Span, to: Span)
    /// So many of so many, drawn by the seed and the cause, from one moment until another.
    case chance(FaultChance)
    /// Each nth request in scope from a moment on.
    case every(Int, from: Span)
}

/// A probability as a whole-number ratio, and when it holds.
package struct FaultChance: Hashable, Sendable {
    package let numerator: UInt64
    package let denominator: UInt64
    package let from: Span
    /// Absent means for ever.
    package let to: Span?

    package init(_ numerator: UInt64, in denominator: UInt64, from: Span = .zero, to: Span? = nil) {
        self.numerator = numerator
        self.denominator = max(denominator, 1)
        self.from = from
        self.to = to
    }
}

/// One fault of a plan.
package struct FaultRule: Hashable, Sendable {
    package var kind: FaultKind
    package var trigger: FaultTrigger
    package var scope: FaultScope
    /// Absent means every symbol.
    package var symbol: Symbol?
    /// How late, how long held, or how old, by the kind.
    package var milliseconds: Int64
    package var retryAfterSeconds: Int64

    package init(
        _ kind: FaultKind,
        _ trigger: FaultTrigger,
        scope: FaultScope = .all,
        milliseconds: Int64? = nil
    ) {
        self.kind = kind
        self.trigger = trigger
        self.scope = scope
        self.milliseconds = milliseconds ?? FaultRule.usualMilliseconds(kind)
        retryAfterSeconds = 2
    }

    static func usualMilliseconds(_ kind: FaultKind) -> Int64 {
        switch kind {
        case .slowAnswer: 1_500
        case .delayedEvents: 2_000
        case .staleSnapshot: 4_000
        default: 0
        }
    }

    /// The same rule later.
    func shifted(by offset: Span) -> FaultRule {
        var rule = self
        switch trigger {
        case .window(let from, let to): rule.trigger = .window(from: from + offset, to: to + offset)
        case .every(let count, let from): rule.trigger = .every(count, from: from + offset)
        case .chance(let chance):
            rule.trigger = .chance(
                FaultChance(
                    chance.numerator,
                    in: chance.denominator,
                    from: chance.from + offset,
                    to: chance.to.map { $0 + offset }
                )
            )
        }
        return rule
    }
}

/// All faults of a run, known before it starts.
package struct FaultPlan: Hashable, Sendable {
    package var name: String
    package var rules: [FaultRule]

    package init(name: String, rules: [FaultRule]) {
        self.name = name
        self.rules = rules
    }

    package static let none = FaultPlan(name: "none", rules: [])

    /// The same plan, starting later.
    package func shifted(by offset: Span) -> FaultPlan {
        FaultPlan(name: name, rules: rules.map { $0.shifted(by: offset) })
    }

    /// The same plan, in the same places, with nothing of it left after a moment.
    func ended(at end: Span) -> FaultPlan {
        FaultPlan(
            name: name,
            rules: rules.map { rule in
                var ended = rule
                switch rule.trigger {
                case .window(let from, let to):
                    ended.trigger = .window(from: min(from, end), to: min(to, end))
                case .every: ended.trigger = .window(from: end, to: end)
                case .chance(let chance):
                    ended.trigger = .chance(
                        FaultChance(
                            chance.numerator,
                            in: chance.denominator,
                            from: chance.from,
                            to: min(chance.to ?? end, end)
                        )
                    )
                }
                return ended
            }
        )
    }

    /// How old the oldest snapshot can be that the plan asks for.
    var oldestSnapshot: Int64 {
        rules.filter { $0.kind == .staleSnapshot }.map(\.milliseconds).max() ?? 0
    }
}
