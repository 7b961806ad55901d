import GRDB
package import ReckonModel

/// One intent's story: every fact of one correlation id, in order.
package struct Timeline: Sendable, Hashable {
    package let correlation: CorrelationID
    /// Never empty.
    package let rows: [FactRow]

    /// Time since the story's first fact, per row.
    package func elapsed(_ row: FactRow) -> Span { row.at - (rows.first?.at ?? row.at) }
}

extension Timeline: CustomStringConvertible {
    /// A line per fact: milliseconds since the first, number, kind, order, body.
    package var description: String {
        rows.map { row in
            let order = row.order.map { " \($0)" } ?? ""
            return "+\(elapsed(row).milliseconds) ms #\(row.number) \(row.kind)\(order) \(row.body)"
        }
        .joined(separator: "\n")
    }
}

extension JournalReader {
    /// The story of a correlation id; `nil` where there is none.
    package func timeline(of correlation: CorrelationID) throws(JournalFailure) -> Timeline? {
        let rows = try rows("correlation = ? ORDER BY number", [correlation.text])
        return rows.isEmpty ? nil : Timeline(correlation: correlation, rows: rows)
    }

    /// The story of an intent; `nil` where there is none.
    package func timeline(of intent: IntentID) throws(JournalFailure) -> Timeline? {
        let accepted = try rows("intent = ? AND kind = 'intent_accepted' LIMIT 1", [intent.number])
        guard let correlation = accepted.first?.correlation else { return nil }
        return try timeline(of: correlation)
    }
}
