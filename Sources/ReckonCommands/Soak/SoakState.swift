import Foundation

/// How far a soak has come: enough to go on after any end of the process.
struct SoakState: Codable, Equatable {
    /// What must not change between two sessions, or their sums would mean nothing.
    struct Terms: Codable, Equatable {
        let program: String
        let policies: [String]
        let lanes: [SeedLane]
    }

    let terms: Terms
    let first: UInt64
    /// The round under way, and how many seeds of each of its lots are done.
    var round: UInt64 = 0
    var done: [Int] = []
    /// Wall-clock seconds of all sessions together.
    var seconds = 0.0
    var tally = Tally()

    init(terms: Terms, first: UInt64) {
        self.terms = terms
        self.first = first
    }

    /// The state in the file; `nil` where there is none yet.
    static func read(_ file: String) throws(ScenarioProblem) -> SoakState? {
        guard let bytes = FileManager.default.contents(atPath: file) else { return nil }
        do {
            return try JSONDecoder().decode(SoakState.self, from: bytes)
        } catch {
            throw ScenarioProblem(text: "\(file): is no state of a soak; remove it or give another --out")
        }
    }

    /// Seeds of a round: each lane has a stretch of sixteen, of which a swarm takes all and a story four.
    func lots(isSwarm: (SeedLane) -> Bool) -> [SeedLot] {
        let width: UInt64 = 16
        let part: UInt64 = 4
        var lots: [SeedLot] = []
        for lane in terms.lanes {
            for step in 0..<(isSwarm(lane) ? width / part : 1) {
                let from = first + round * width + step * part
                lots.append(
                    SeedLot(index: lots.count, command: lane.command, seeds: from...(from + part - 1))
                )
            }
        }
        return lots
    }

    /// What of a round's lots is still to be run.
    func remaining(_ lots: [SeedLot]) -> [SeedLot] {
        lots.compactMap { lot in
            let gone = UInt64(done.isEmpty ? 0 : done[lot.index])
            guard gone < UInt64(lot.seeds.count) else { return nil }
            let rest = (lot.seeds.lowerBound + gone)...lot.seeds.upperBound
            return SeedLot(index: lot.index, command: lot.command, seeds: rest)
        }
    }
}
