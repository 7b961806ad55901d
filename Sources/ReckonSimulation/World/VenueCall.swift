import ReckonEngine
import ReckonModel

/// One request on its way, with the cause that its draws hang on.
struct VenueCall: Sendable {
    enum Request: Sendable {
        case place(Placement)
        case query(OrderQuery)
        case cancel(Cancellation)
        case snapshot(SnapshotQuestion)
        case leverage(LeverageChange)
    }

    let request: Request
    let cause: String
    let sentAt: Instant
    let incarnation: Int

    /// The engine's input where the request failed.
    func failed(_ failure: VenueFailure) -> Input {
        switch request {
        case .place(let placement): .placed(placement, .failure(failure))
        case .query(let query): .queried(query, .failure(failure))
        case .cancel(let cancellation): .cancelled(cancellation, .failure(failure))
        case .snapshot(let question): .snapshot(question, .failure(failure))
        case .leverage(let change): .leverageSet(change, .failure(failure))
        }
    }

    var isOpening: Bool {
        if case .place(let placement) = request { return placement.ticket.role.opensExposure }
        return false
    }

    var isOrder: Bool {
        switch request {
        case .place, .cancel: true
        case .query, .snapshot, .leverage: false
        }
    }

    var isList: Bool {
        if case .snapshot = request { return true }
        return false
    }
}
