package import ReckonModel

/// What was decided or learnt about one order.
package enum OrderFact: Sendable, Codable, Hashable {
    /// The request goes out once this is durable.
    case submitted(attempt: Int, timestamp: VenueInstant, window: Span)
    /// Not executed, to be tried again under the same id.
    case setBack(VenueFailure)
    /// Executed or not: unknown.
    case doubted(String)
    case asked
    /// A query found nothing; conclusive only once the venue can no longer accept the request.
    case notFound(conclusive: Bool)
    /// The venue's history since the first send shows no such order.
    case absentFromHistory
    case reported(OrderReport)
    case cancelWanted
    case cancelSent(attempt: Int)
    /// So many cancels in a row, and the order may still live; the next ones go on with the capped pause.
    case cancelSeriesEnded(attempts: Int)
    /// The venue refused the id: an open order bears it, ours or another's.
    case duplicateAnswered
    /// The venue said no; nothing more can execute.
    case refused(VenueFailure)
    /// It never reached the venue, proven by evidence.
    case lapsed
    /// Not executed, and the series has reached its bound.
    case gaveUp(String)
    /// A rule of ours forbade the next transmission; nothing is at the venue.
    case abandoned(Refusal.Rule)
}

/// How an order ended.
package enum OrderEnd: Sendable, Codable, Hashable {
    case filled
    case cancelled
    case expired
    case refused(VenueFailure)
    case lapsed
    case gaveUp(String)
    case abandoned(Refusal.Rule)

    package var code: String {
        switch self {
        case .filled: "filled"
        case .cancelled: "cancelled"
        case .expired: "expired"
        case .refused: "refused"
        case .lapsed: "lapsed"
        case .gaveUp: "gave_up"
        case .abandoned: "abandoned"
        }
    }
}
