package import ReckonModel

/// Events by time; those of one instant in the order in which they were pushed.
///
/// The heap moves small entries only; the events themselves stay where they were put.
package struct EventHeap<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: Instant
        let number: UInt64
        let place: Int

        func precedes(_ other: Entry) -> Bool { at == other.at ? number < other.number : at < other.at }
    }

    private var entries: [Entry] = []
    private var events: [Event?] = []
    private var freePlaces: [Int] = []
    private var pushed: UInt64 = 0

    package init() {}

    package var nextAt: Instant? { entries.first?.at }

    package mutating func push(_ event: Event, at instant: Instant) {
        pushed += 1
        let place: Int
        if let free = freePlaces.popLast() {
            place = free
            events[place] = event
        } else {
            place = events.count
            events.append(event)
        }
        entries.append(Entry(at: instant, number: pushed, place: place))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].precedes(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    package mutating func pop() -> (at: Instant, event: Event)? {
        guard let first = entries.first else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        guard let event = events[first.place] else { return nil }
        events[first.place] = nil
        freePlaces.append(first.place)
        return (first.at, event)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in (2 * parent + 1)...(2 * parent + 2) where child < entries.count {
                if entries[child].precedes(entries[least]) { least = child }
            }
            guard least != parent else { return }
            entries.swapAt(least, parent)
            parent = least
        }
    }
}
