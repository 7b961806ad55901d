package import ReckonEngine
package import ReckonModel
import Synchronization

/// What a caller of the engine hears.
package enum Reply: Sendable, Hashable {
    case answered(Answer)
    /// Too much waits already; nothing was taken on.
    case busy
    /// The engine is going down; nothing was taken on.
    case stopping
    /// No durable answer in time: the wish may have been taken on. Asking again under the same key is safe.
    case undecided
}

/// Callers that wait for their answers, by ticket number.
package final class Tickets: Sendable {
    private struct State {
        var last: Int64 = 0
        var waiting: [Int64: CheckedContinuation<Reply, Never>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Hands a wish in under a fresh number and waits for its answer.
    package func ask(within limit: Span, _ offer: @Sendable (Int64) -> Bool) async -> Reply {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let timeout = Task {
            try? await Task.sleep(for: Duration(limit))
            if !Task.isCancelled { self.settle(number, .undecided) }
        }
        defer { timeout.cancel() }
        return await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isClosed { state.waiting[number] = continuation }
                return !state.isClosed
            }
            if !isOpen { return continuation.resume(returning: .stopping) }
            if !offer(number) { settle(number, .busy) }
        }
    }

    package func answer(_ number: Int64, _ answer: Answer) { settle(number, .answered(answer)) }

    /// Sends everybody away.
    package func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(returning: .undecided) }
    }

    private func settle(_ number: Int64, _ reply: Reply) {
        let continuation = state.withLock { $0.waiting.removeValue(forKey: number) }
        continuation?.resume(returning: reply)
    }
}
