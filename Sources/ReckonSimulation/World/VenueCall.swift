package import ReckonEngine
import ReckonModel

/// One request on its way, with the cause that its draws hang on.
package struct VenueCall: Sendable {
    package enum Request: Sendable {
        case place(Placement)
        case query(OrderQuery)
        case cancel(Cancellation)
        case snapshot(SnapshotQuestion)
        case leverage(LeverageChange)
        case margin(MarginChange)
        case countdown(Countdown)
    }

    let request: Request
    let cause: String
    let sentAt: Instant
    let incarnation: Int

    func failed(_ failure: VenueFailure) -> Input { request.failed(failure) }

    var isOpening: Bool {
        if case .place(let placement) = request { return placement.ticket.role.opensExposure }
        return false
    }

    var isOrder: Bool {
        switch request {
        case .place, .cancel: true
        case .query, .snapshot, .leverage, .margin, .countdown: false
        }
    }

    var isPlacement: Bool {
        if case .place = request { return true }
        return false
    }

    /// Whether it places a protective stop.
    var isStop: Bool {
        if case .place(let placement) = request { return placement.ticket.role == .stop }
        return false
    }

    var orderID: ClientOrderID? {
        switch request {
        case .place(let placement): placement.ticket.id
        case .query(let query): query.id
        case .cancel(let cancellation): cancellation.id
        case .snapshot(let question):
            if case .doubt(let id) = question.purpose { id } else { nil }
        case .leverage, .margin, .countdown: nil
        }
    }

    var isSnapshot: Bool { if case .snapshot = request { true } else { false } }

    /// The sort of request, for counting.
    var kind: String {
        switch request {
        case .place(let placement): "sends \(placement.ticket.role.rawValue)"
        case .query: "sends query"
        case .cancel: "sends cancel"
        case .snapshot: "sends list"
        case .leverage: "sends leverage"
        case .margin: "sends margin"
        case .countdown: "sends countdown"
        }
    }

    /// The request in a few words, for readers of a trace.
    var text: String {
        switch request {
        case .place(let placement):
            "place \(placement.ticket.id) \(placement.ticket.role.rawValue) \(placement.ticket.side.rawValue) "
                + "\(placement.ticket.quantity) attempt \(placement.attempt)"
        case .query(let query): "query \(query.id) at \(query.endpoint.rawValue)"
        case .cancel(let cancellation): "cancel \(cancellation.id) attempt \(cancellation.attempt)"
        case .snapshot(let question): "list \(question.part)"
        case .leverage(let change): "leverage \(change.symbol) \(change.leverage)"
        case .margin(let change): "margin \(change.symbol) isolated \(change.isIsolated)"
        case .countdown(let wish): "countdown \(wish.symbol) \(wish.span.milliseconds) ms"
        }
    }
}

extension VenueCall.Request {
    /// The engine's input where the request failed.
    package func failed(_ failure: VenueFailure) -> Input {
        switch self {
        case .place(let placement): .placed(placement, .failure(failure))
        case .query(let query): .queried(query, .failure(failure))
        case .cancel(let cancellation): .cancelled(cancellation, .failure(failure))
        case .snapshot(let question): .snapshot(question, .failure(failure))
        case .leverage(let change): .leverageSet(change, .failure(failure))
        case .margin(let change): .marginModeSet(change, .failure(failure))
        case .countdown(let wish): .countdownSet(wish, .failure(failure))
        }
    }
}
