package import ReckonModel

/// One fault that really happened.
package struct FaultEntry: Hashable, Sendable {
    /// Counted from 1 in the order of beginning.
    package let number: Int
    package let kind: FaultKind
    /// What it hit: an endpoint with its cause, a symbol, a stream.
    package let subject: String
    package let beganAt: VenueInstant
    /// Absent while it lasts.
    package internal(set) var endedAt: VenueInstant?
}

/// Which faults happened, when, and to what.
package struct FaultLog: Sendable {
    package private(set) var entries: [FaultEntry] = []
    private var counts = [Int](repeating: 0, count: FaultKind.allCases.count)
    private var opened = 0

    package init() {}

    package func count(of kind: FaultKind) -> Int { counts[FaultLog.place(of: kind)] }

    /// Every kind that happened, with how often.
    package var kinds: [(kind: FaultKind, count: Int)] {
        FaultKind.allCases.map { ($0, count(of: $0)) }.filter { $0.1 > 0 }
    }

    package var total: Int { opened }

    package var isAnyOpen: Bool { entries.contains { $0.endedAt == nil } }

    /// When the last fault ended; absent while one lasts or where there was none.
    package var quietSince: VenueInstant? {
        isAnyOpen ? nil : entries.compactMap(\.endedAt).max()
    }

    /// Rows kept at most; the counts go on.
    private static let mostEntries = 20_000

    mutating func begin(_ kind: FaultKind, _ subject: String, at now: VenueInstant) -> Int {
        opened += 1
        counts[FaultLog.place(of: kind)] += 1
        if entries.count < FaultLog.mostEntries {
            entries.append(FaultEntry(number: opened, kind: kind, subject: subject, beganAt: now))
        }
        return opened
    }

    mutating func end(_ number: Int, at now: VenueInstant) {
        guard let index = entries.lastIndex(where: { $0.number == number }) else { return }
        entries[index].endedAt = now
    }

    mutating func note(_ kind: FaultKind, _ subject: String, from: VenueInstant, to: VenueInstant) {
        end(begin(kind, subject, at: from), at: to)
    }

    private static func place(of kind: FaultKind) -> Int { FaultKind.allCases.firstIndex(of: kind) ?? 0 }
}
