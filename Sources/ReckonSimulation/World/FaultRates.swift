import ReckonModel

/// How often each fault strikes; nothing strikes unless it is said.
package struct FaultRates: Sendable {
    private var ratios: Table<RequestFault, Ratio> = Table()
    private var paces: Table<AmbientFault, FaultPace> = Table()
    /// A price jumps by so many 1e-4 at most.
    package var jumpBasisPoints: Int64 = 400

    package init() {}

    package subscript(fault: RequestFault) -> Ratio {
        get { ratios[fault] ?? .never }
        set { ratios[fault] = newValue }
    }

    package subscript(fault: AmbientFault) -> FaultPace {
        get { paces[fault] ?? FaultPace() }
        set { paces[fault] = newValue }
    }
}

/// A fault that strikes a request, its answer or an event of the stream.
///
/// The raw value is its name in scenario files.
package enum RequestFault: String, Sendable, Hashable, CaseIterable, Comparable {
    case requestLost = "request_lost"
    /// Executed, and the answer never comes.
    case answerLost = "answer_lost"
    case slowAnswer = "slow_answer"
    /// 503 "Unknown error": executed in half of the cases.
    case unknown
    /// 503 "Service Unavailable.": not executed.
    case unavailable
    /// 429 with a wait.
    case rateLimited = "rate_limited"
    /// 418: banned for a while.
    case banned
    /// -1008, for opening orders only.
    case overloaded
    /// -1021 for signed requests.
    case staleTimestamp = "stale_timestamp"
    /// 408 and -1007: executed in half of the cases.
    case timedOut = "timed_out"
    /// -1000 and -1006, 500 and 502: likewise.
    case serverError = "server_error"
    /// A stop is refused: it would trigger at once, or there are too many.
    case stopRefused = "stop_refused"
    case duplicated
    case delayed
    case dropped
    /// An event overtakes those before it.
    case reordered
    /// The event of a trigger comes after the fill that it caused.
    case triggerLate = "trigger_late"

    package static func < (left: RequestFault, right: RequestFault) -> Bool { left.rawValue < right.rawValue }

    /// What its draws are keyed by.
    var purpose: String {
        switch self {
        case .requestLost: "request lost"
        case .answerLost: "answer lost"
        case .slowAnswer: "slow answer"
        case .unknown: "unknown"
        case .unavailable: "unavailable"
        case .rateLimited: "rate limited"
        case .banned: "banned"
        case .overloaded: "overloaded"
        case .staleTimestamp: "stale timestamp"
        case .timedOut: "timed out"
        case .serverError: "server error"
        case .stopRefused: "stop refused"
        case .duplicated: "event duplicated"
        case .delayed: "event delayed"
        case .dropped: "event dropped"
        case .reordered: "event reordered"
        case .triggerLate: "trigger late"
        }
    }
}
