package import ReckonEngine

extension JournalReader {
    /// The state that the stored facts make, by the very `apply` that made it live (I-11).
    package func replay(_ configuration: EngineConfiguration) throws(JournalFailure) -> EngineState {
        var state = EngineState(configuration)
        try forEachFact { state.apply($0) }
        return state
    }

    /// Reads all that is stored and proves it whole: numbers, digests, every body decoded and written again to the same
    /// bytes, and the file itself by SQLite's own check.
    package func verify() throws(JournalFailure) -> Int64 {
        let complaint = try integrity()
        guard complaint == "ok" else { throw .damaged(path: path, reason: complaint) }
        var count: Int64 = 0
        try forEach { (row) throws(JournalFailure) in
            let stamped = try fact(of: row)
            guard (try? FactRow.text(stamped.fact)) == row.body else {
                throw .corrupt(path: path, row: row.number, reason: "its body is not in canonical form")
            }
            count += 1
        }
        return count
    }
}
