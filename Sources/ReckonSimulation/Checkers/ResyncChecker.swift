import ReckonEngine
import ReckonModel

/// I-07: an order that the venue refused for its time goes out again only after the clock was compared anew.
struct ResyncChecker {
    private var order: ClientOrderID?

    /// The engine is about to be told something: the turn before is over.
    mutating func told(_ input: Input, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        if let order {
            let sentence = "order \(order) was refused for its time and the clock is not compared"
            findings.breach("I-07", sight.now, sentence)
        }
        order = nil
        guard case .placed(let placement, .failure(let failure)) = input,
            failure.outcome == .retryableWith(.resyncClock), let story = book.orders[placement.ticket.id],
            story.isUnresolved, story.attempts == placement.attempt
        else { return }
        order = placement.ticket.id
    }

    mutating func resynced() { order = nil }

    /// The process is dead.
    mutating func died() { order = nil }
}
