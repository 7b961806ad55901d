import ReckonModel
import ReckonSimulation

/// Looks for a smaller world in which a seed fails in the same way: fewer faults, fewer symbols, less time.
package struct Shrinking {
    /// What can be made smaller of a world.
    package struct Size: Hashable, Sendable {
        package var seconds: Double
        package var symbols: Int
        /// Faults that are switched on.
        package var faults: [String]

        package init(seconds: Double, symbols: Int, faults: [String]) {
            self.seconds = seconds
            self.symbols = symbols
            self.faults = faults
        }
    }

    /// A failure is the same if its verdict is, and the invariant that it names.
    struct Failure: Hashable, Sendable {
        let verdict: Verdict
        let invariant: String?

        init?(_ report: SeedReport) {
            guard report.outcome != .held else { return nil }
            verdict = report.outcome
            invariant = report.complaints.first.flatMap { complaint in
                complaint.firstRange(of: /\bI-\d\d\b/).map { String(complaint[$0]) }
            }
        }
    }

    /// Whether a world of that size still fails in the same way.
    private let fails: (Size) -> Bool
    /// Worlds are tried at most so often.
    private let most: Int

    package init(most: Int = 200, fails: @escaping (Size) -> Bool) {
        self.fails = fails
        self.most = most
    }

    /// The smallest that was found; the very one that was given where none smaller fails.
    package func smallest(from size: Size) -> Size {
        var search = Search(best: size, left: most, fails: fails)
        var before: Size
        repeat {
            before = search.best
            search.dropFaults()
            search.dropSymbols()
            search.shorten()
        } while search.best != before
        return search.best
    }

    private struct Search {
        var best: Size
        var left: Int
        let fails: (Size) -> Bool
        /// No world is tried twice.
        var tried: Set<Size> = []

        /// All of them, then halves, quarters, and one by one.
        mutating func dropFaults() {
            var part = best.faults.count
            while part > 0 {
                var from = 0
                while from < best.faults.count {
                    var smaller = best
                    smaller.faults.removeSubrange(from..<min(from + part, best.faults.count))
                    if !take(smaller) { from += part }
                }
                part /= 2
            }
        }

        mutating func dropSymbols() {
            while best.symbols > 1 {
                var smaller = best
                smaller.symbols /= 2
                if take(smaller) { continue }
                smaller.symbols = best.symbols - 1
                guard take(smaller) else { return }
            }
        }

        mutating func shorten() {
            for (part, whole) in [(1.0, 2.0), (3, 4), (9, 10)] {
                while best.seconds * part / whole >= 10 {
                    var smaller = best
                    smaller.seconds = (best.seconds * part / whole).rounded()
                    guard smaller.seconds < best.seconds, take(smaller) else { break }
                }
            }
        }

        private mutating func take(_ smaller: Size) -> Bool {
            guard left > 0, tried.insert(smaller).inserted else { return false }
            left -= 1
            guard fails(smaller) else { return false }
            best = smaller
            return true
        }
    }
}

extension WorkerCommand {
    /// The command of a smaller world in which the seed of the report fails in the same way.
    func shrunk(_ report: SeedReport, in world: Scenario) -> WorkerCommand {
        guard let failure = Shrinking.Failure(report) else { return self }
        let whole = Shrinking.Size(
            seconds: world.length.seconds,
            symbols: world.symbols.count,
            faults: world.activeFaults
        )
        let shrinking = Shrinking { size in
            let isSame = sized(size, from: whole).failure(of: report.seed) == failure
            PolicyOutput.complain(
                "shrink: \(Int(size.seconds)) s, symbols \(size.symbols), faults \(size.faults.count): "
                    + (isSame ? "still \(report.verdict)" : "no longer")
            )
            return isSame
        }
        return sized(shrinking.smallest(from: whole), from: whole)
    }

    private func sized(_ size: Shrinking.Size, from whole: Shrinking.Size) -> WorkerCommand {
        var command = self
        if size.seconds != whole.seconds { command.hours = (size.seconds / 3.6).rounded() / 1_000 }
        if size.symbols != whole.symbols { command.symbols = size.symbols }
        command.without += whole.faults.filter { !size.faults.contains($0) && !without.contains($0) }
        return command
    }

    private func failure(of seed: UInt64) -> Shrinking.Failure? {
        let reports = SeedReports()
        SeedPool(jobs: 1).run([SeedLot(index: 0, command: self, seeds: seed...seed)]) { _, report in
            reports.add(report)
        }
        return reports.sorted.first.flatMap { Shrinking.Failure($0) }
    }
}
