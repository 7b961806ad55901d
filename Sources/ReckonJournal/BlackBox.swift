import GRDB
package import ReckonModel

/// The latest raw inputs as text, for reproducing a bug; never read by recovery.
///
/// A ring in memory whose new entries ride along with the next commit of facts. What goes in must hold no secret (I-13).
package struct BlackBox: Sendable {
    package struct Entry: Sendable, Hashable {
        /// Counted from 1, over restarts.
        package let sequence: Int64
        package let at: Instant
        package let text: String
    }

    /// Entries that are not yet on disk, and how many the disk is to keep.
    package struct Batch: Sendable, Hashable {
        package let entries: [Entry]
        package let keep: Int

        package init(entries: [Entry], keep: Int) {
            self.entries = entries
            self.keep = keep
        }

        package static let none = Batch(entries: [], keep: 0)
    }

    package let capacity: Int
    /// Bytes of one entry; the rest is cut off.
    package let maxBytes: Int
    private var ring: [Entry] = []
    private var oldest = 0
    private var noted: Int64
    private var saved: Int64

    /// An empty box that counts on from `last`.
    package init(capacity: Int = 2_048, maxBytes: Int = 2_048, countingFrom last: Int64 = 0) {
        self.capacity = max(capacity, 1)
        self.maxBytes = max(maxBytes, 1)
        noted = last
        saved = last
    }

    package mutating func note(_ text: String, at now: Instant) {
        noted += 1
        let entry = Entry(sequence: noted, at: now, text: cut(text))
        if ring.count < capacity {
            ring.append(entry)
        } else {
            ring[oldest] = entry
            oldest = (oldest + 1) % capacity
        }
    }

    /// What is in the ring, oldest first.
    package var entries: [Entry] { Array(ring[oldest...] + ring[..<oldest]) }

    /// What has come since the last time this was asked, as far as the ring still holds it.
    package mutating func takeUnsaved() -> Batch {
        guard noted > saved else { return .none }
        let batch = Batch(entries: entries.filter { $0.sequence > saved }, keep: capacity)
        saved = noted
        return batch
    }

    private func cut(_ text: String) -> String {
        guard text.utf8.count > maxBytes else { return text }
        return String(decoding: text.utf8.prefix(maxBytes), as: UTF8.self)
    }
}

extension BlackBox.Batch {
    func insert(into database: Database) throws {
        guard let newest = entries.last?.sequence else { return }
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO black_box (sequence, at_ns, text) VALUES (?, ?, ?)"
        )
        for entry in entries {
            try statement.execute(arguments: [entry.sequence, entry.at.nanoseconds, entry.text])
        }
        let forget = try database.cachedStatement(sql: "DELETE FROM black_box WHERE sequence <= ?")
        try forget.execute(arguments: [newest - Int64(keep)])
    }
}
