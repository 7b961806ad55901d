/// Adds seeds in blocks until there is a verdict on every challenger.
///
/// Looking after each block is no cheating: the evidence is valid at any time, so each look may be the last.
enum UntilDecided {
    static let block: UInt64 = 20

    /// The seeds that were run when it ended.
    static func run(_ terms: ComparisonTerms, _ runner: ComparisonRunner) -> ClosedRange<UInt64> {
        var seen = terms.first...min(terms.last, terms.first + block - 1)
        while true {
            runner.run(seen)
            guard !runner.isStopped else { return seen }
            let comparison = Comparison(terms, runner.runs, seeds: seen, withSecondary: false)
            let isOpen = comparison.outcomes.contains { $0.verdict == .undecided }
            guard isOpen, seen.upperBound < terms.last else { return seen }
            seen = terms.first...min(terms.last, seen.upperBound + block)
        }
    }
}
