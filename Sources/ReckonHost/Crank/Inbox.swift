package import ReckonEngine
import Synchronization

/// What waits to be stepped: many producers, one consumer, bounded lane by lane.
///
/// A full lane of callers refuses them. A full lane of the stream loses events and says so once, as a disconnection, so
/// that the engine asks for what it has missed. Answers and timers are bounded by what the engine itself asked for.
package final class Inbox: Sendable {
    package enum Lane: Sendable, CaseIterable {
        case entries
        case callers
        case stream
        case inner
    }

    /// How many inputs of a lane may wait.
    package struct Bounds: Sendable {
        package var entries = 256
        package var callers = 4096
        package var stream = 8192

        package init() {}

        func most(_ lane: Lane) -> Int {
            switch lane {
            case .entries: entries
            case .callers: callers
            case .stream: stream
            case .inner: .max
            }
        }
    }

    private struct State {
        var waiting: [(lane: Lane, input: Input)] = []
        var counts: [Lane: Int] = [:]
        var hasOverflowed = false
        var isPoked = false
        var isClosed = false
        var consumer: CheckedContinuation<Void, Never>?

        mutating func releaseConsumer() -> CheckedContinuation<Void, Never>? {
            defer { consumer = nil }
            return consumer
        }

        mutating func take(upTo bound: Int, _ bounds: Inbox.Bounds) -> (inputs: [Input], isEnd: Bool)? {
            let wasPoked = isPoked
            isPoked = false
            guard !waiting.isEmpty else {
                if isClosed { return ([], true) }
                return wasPoked ? ([], false) : nil
            }
            let taken = waiting.prefix(bound)
            waiting.removeFirst(taken.count)
            for row in taken { counts[row.lane, default: 0] -= 1 }
            if hasOverflowed, counts[.stream, default: 0] <= bounds.stream / 2 { hasOverflowed = false }
            return (taken.map(\.input), false)
        }
    }

    private let bounds: Bounds
    private let state = Mutex(State())

    package init(bounds: Bounds = Bounds()) { self.bounds = bounds }

    package var count: Int { state.withLock { $0.waiting.count } }

    /// Adds an input; false where its lane is full or the inbox is closed.
    package func offer(_ input: Input, _ lane: Lane = .inner) -> Bool {
        let (isTaken, consumer) = state.withLock { state in
            guard !state.isClosed else { return (false, CheckedContinuation<Void, Never>?.none) }
            guard state.counts[lane, default: 0] < bounds.most(lane) else {
                guard lane == .stream, !state.hasOverflowed else { return (false, nil) }
                state.hasOverflowed = true
                state.waiting.append((.inner, .stream(.disconnected("overflow"))))
                return (false, state.releaseConsumer())
            }
            state.counts[lane, default: 0] += 1
            state.waiting.append((lane, input))
            return (true, state.releaseConsumer())
        }
        consumer?.resume()
        return isTaken
    }

    /// Wakes the consumer although nothing has come in.
    package func poke() {
        let consumer = state.withLock { state in
            state.isPoked = true
            return state.releaseConsumer()
        }
        consumer?.resume()
    }

    /// Takes no more inputs; the consumer gets what waits and then the end.
    package func close() {
        let consumer = state.withLock { state in
            state.isClosed = true
            return state.releaseConsumer()
        }
        consumer?.resume()
    }

    /// The oldest inputs, at most `bound`; waits while there is none.
    ///
    /// Empty after a poke, `nil` at the end.
    ///
    /// For one consumer.
    package func take(upTo bound: Int) async -> [Input]? {
        while true {
            if let taken = state.withLock({ $0.take(upTo: bound, bounds) }) {
                return taken.isEnd ? nil : taken.inputs
            }
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    guard state.waiting.isEmpty, !state.isPoked, !state.isClosed else { return true }
                    state.consumer = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }
}
