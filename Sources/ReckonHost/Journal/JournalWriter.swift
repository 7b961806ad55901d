import Foundation
package import ReckonEngine
package import ReckonModel
import Synchronization

/// Writes facts in order on a queue of its own, so that a disk that hangs never holds the engine's task (I-01).
///
/// What could not be written stays in memory, in order, and is tried again until it is. Waiting facts go into one
/// transaction together.
package final class JournalWriter: Sendable {
    package enum Outcome: Sendable, Hashable {
        case durable
        case failed(String)
        case slow(Span)
    }

    private struct State {
        var pending: [StampedFact] = []
        var durableThrough: Int64
        var isWriting = false
        var failures = 0
        var lastFailure: String?
        var waiters: [Int64: (through: Int64, continuation: CheckedContinuation<Outcome, Never>)] = [:]
        var lastWaiter: Int64 = 0
        var isClosed = false
        /// Somebody went on without waiting for what is pending, and wants to hear when it is written.
        var isAwaited = false
    }

    private let port: JournalPort
    private let progress: @Sendable () -> Void
    private let queue = DispatchQueue(label: "reckon.journal")
    private let state: Mutex<State>

    /// - Parameters:
    ///   - port: Where facts go.
    ///   - durableThrough: Number of the last fact that the journal holds already.
    ///   - progress: Called on the journal's queue once facts are durable for which nobody has waited, or not long enough.
    package init(_ port: JournalPort, durableThrough: Int64, progress: @escaping @Sendable () -> Void) {
        self.port = port
        self.progress = progress
        state = Mutex(State(durableThrough: durableThrough))
    }

    /// Number of the last fact on disk.
    package var durableThrough: Int64 { state.withLock { $0.durableThrough } }

    package var backlog: Int { state.withLock { $0.pending.count } }

    /// Why the last try failed; absent once one has succeeded.
    package var lastFailure: String? { state.withLock { $0.lastFailure } }

    /// Hands facts over without waiting; `progress` tells when they are durable.
    package func enqueue(_ facts: [StampedFact]) {
        guard !facts.isEmpty else { return }
        state.withLock { $0.isAwaited = true }
        add(facts)
    }

    private func add(_ facts: [StampedFact]) {
        let mustStart = state.withLock { state in
            state.pending += facts
            guard !state.isWriting, !state.isClosed else { return false }
            state.isWriting = true
            return true
        }
        if mustStart { queue.async { self.write() } }
    }

    /// Hands facts over and waits until they are durable, a write has failed, or the time is over.
    package func commit(_ facts: [StampedFact], within limit: Span) async -> Outcome {
        guard let through = facts.last?.number else { return .durable }
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let timeout = Task {
            try? await Task.sleep(for: Duration(limit), tolerance: .zero)
            if !Task.isCancelled { self.settle(waiter, .slow(limit)) }
        }
        defer { timeout.cancel() }
        return await withCheckedContinuation { continuation in
            state.withLock { $0.waiters[waiter] = (through, continuation) }
            add(facts)
        }
    }

    /// Waits until all is written, but no longer than `limit`; then closes the journal.
    ///
    /// Returns what was left unwritten.
    package func close(within limit: Span) async -> Int {
        let end = ContinuousClock.now + Duration(limit)
        while backlog > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
        let left = state.withLock { state in
            state.isClosed = true
            return state.pending.count
        }
        // A write that hangs would hang the close too; the process is ending anyway.
        if left == 0 { await closePort() }
        return left
    }

    private func closePort() async {
        await withCheckedContinuation { continuation in
            queue.async {
                try? self.port.close()
                continuation.resume()
            }
        }
    }

    private func settle(_ waiter: Int64, _ outcome: Outcome) {
        let row = state.withLock { state in
            state.isAwaited = state.isAwaited || state.waiters[waiter] != nil
            return state.waiters.removeValue(forKey: waiter)
        }
        row?.continuation.resume(returning: outcome)
    }

    /// Runs on the queue.
    private func write() {
        while true {
            let batch = state.withLock { state in
                if state.pending.isEmpty || state.isClosed { state.isWriting = false }
                return state.isWriting ? state.pending : []
            }
            guard let last = batch.last else { return }
            do {
                try port.commit(batch)
            } catch {
                return retry(after: error)
            }
            wrote(batch.count, through: last.number)
        }
    }

    private func wrote(_ count: Int, through number: Int64) {
        let (done, isAwaited) = state.withLock { state in
            state.pending.removeFirst(count)
            state.durableThrough = number
            state.failures = 0
            state.lastFailure = nil
            let done = state.waiters.filter { $0.value.through <= number }
            for waiter in done.keys { state.waiters[waiter] = nil }
            let isAwaited = state.isAwaited
            if state.pending.isEmpty { state.isAwaited = false }
            return (done, isAwaited)
        }
        for row in done.values { row.continuation.resume(returning: .durable) }
        if isAwaited { progress() }
    }

    private func retry(after error: any Error) {
        let (waiters, failures) = state.withLock { state in
            state.failures += 1
            state.lastFailure = "\(error)"
            state.isAwaited = true
            defer { state.waiters.removeAll() }
            return (state.waiters, state.failures)
        }
        for row in waiters.values { row.continuation.resume(returning: .failed("\(error)")) }
        let pause = min(100 << min(failures, 5), 2000)
        queue.asyncAfter(deadline: .now() + .milliseconds(pause)) { self.write() }
    }
}
