package import ReckonEngine
package import ReckonModel
import Synchronization

/// Performs the engine's requests at the venue, many at once; answers come back as inputs.
///
/// Three lanes with slots of their own, so that neither entries nor lists can ever hold up an exit, a stop, a cancel or
/// a query.
package final class ActionRunner: Sendable {
    package enum Lane: Sendable, CaseIterable {
        /// Exits, stops, take-profits, cancels, queries.
        case urgent
        case entries
        case lists
    }

    /// How many requests of a lane may be under way at once.
    package struct Slots: Sendable {
        package var urgent = 8
        package var entries = 4
        package var lists = 4

        package init() {}

        func most(_ lane: Lane) -> Int {
            switch lane {
            case .urgent: urgent
            case .entries: entries
            case .lists: lists
            }
        }
    }

    private struct LaneState {
        var running = 0
        var waiting: [Request] = []
    }

    private let port: VenuePort
    private let clock: HostClock
    private let slots: Slots
    private let tell: @Sendable (Input) -> Void
    private let lanes = Mutex<[Lane: LaneState]>([:])

    package init(
        port: VenuePort,
        clock: HostClock,
        slots: Slots = Slots(),
        tell: @escaping @Sendable (Input) -> Void
    ) {
        self.port = port
        self.clock = clock
        self.slots = slots
        self.tell = tell
    }

    /// Requests under way or waiting for a slot.
    package var unanswered: Int {
        lanes.withLock { $0.values.reduce(0) { $0 + $1.running + $1.waiting.count } }
    }

    package func perform(_ request: Request) {
        let lane = request.lane
        let mayStart = lanes.withLock { lanes in
            if lanes[lane, default: LaneState()].running < slots.most(lane) {
                lanes[lane, default: LaneState()].running += 1
                return true
            }
            lanes[lane, default: LaneState()].waiting.append(request)
            return false
        }
        if mayStart { Task { await self.run(request, lane) } }
    }

    /// Waits until every request is answered, but no longer than `limit`.
    package func drain(within limit: Span) async {
        let end = ContinuousClock.now + Duration(limit)
        while unanswered > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// Keeps a slot until nothing of its lane waits any more.
    private func run(_ first: Request, _ lane: Lane) async {
        var next: Request? = first
        while let request = next {
            tell(await answer(to: request))
            next = lanes.withLock { lanes in
                guard let waiting = lanes[lane]?.waiting, !waiting.isEmpty else {
                    lanes[lane]?.running -= 1
                    return nil
                }
                return lanes[lane]?.waiting.removeFirst()
            }
        }
    }

    private func answer(to request: Request) async -> Input {
        switch request {
        case .place(let placement):
            guard clock.now() <= placement.transmitBy else { return .dropped(placement) }
            return .placed(placement, await port.place(placement))
        case .query(let query): return .queried(query, await port.query(query))
        case .cancel(let cancellation): return .cancelled(cancellation, await port.cancel(cancellation))
        case .snapshot(let question): return .snapshot(question, await port.snapshot(question))
        case .setLeverage(let change): return .leverageSet(change, await port.setLeverage(change))
        case .setMarginMode(let change): return .marginModeSet(change, await port.setMarginMode(change))
        case .setCountdown(let countdown): return .countdownSet(countdown, await port.setCountdown(countdown))
        }
    }
}

/// What goes to the venue; the rest of the actions stays in the house.
package enum Request: Sendable, Hashable {
    case place(Placement)
    case query(OrderQuery)
    case cancel(Cancellation)
    case snapshot(SnapshotQuestion)
    case setLeverage(LeverageChange)
    case setMarginMode(MarginChange)
    case setCountdown(Countdown)

    var lane: ActionRunner.Lane {
        switch self {
        case .place(let placement): placement.ticket.role.opensExposure ? .entries : .urgent
        case .query, .cancel: .urgent
        case .setLeverage, .setMarginMode: .entries
        // Behind entries that hang it would come too late, and after a start there is one for every symbol.
        case .setCountdown: .lists
        case .snapshot(let question):
            if case .doubt = question.purpose { .urgent } else { .lists }
        }
    }
}
