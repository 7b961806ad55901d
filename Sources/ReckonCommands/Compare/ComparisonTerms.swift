import ArgumentParser
import Foundation
import ReckonModel
import ReckonPolicy
import ReckonSimulation

/// All that a comparison hangs on besides its runs: parts of one comparison have the very same terms.
struct ComparisonTerms: Codable, Hashable, Sendable {
    /// Of the program's bytes, and the release of its Lua: figures of two builds are never held against each other.
    let build: String
    let lua: String
    /// The first is what all others are held against; the controls come last.
    let policies: [Contender]
    let scenarios: [ScenarioTerms]
    let first: UInt64
    let last: UInt64
    /// Where other than the scenarios' own lengths.
    let hours: Double?
    let isUntilDecided: Bool

    var seeds: ClosedRange<UInt64> { first...last }
    var challengers: [Contender] { policies.dropFirst().filter { !$0.isControl } }
    var controls: [Contender] { policies.filter(\.isControl) }
    var reference: Contender? { policies.first }

    /// Controls need not run on all seeds to show what the figures make of them.
    static let mostControlSeeds: UInt64 = 30

    /// Which of these seeds a policy runs.
    func seeds(of policy: Contender, within range: ClosedRange<UInt64>) -> ClosedRange<UInt64>? {
        guard policy.isControl else { return range }
        let end = min(last, first + (ComparisonTerms.mostControlSeeds - 1))
        guard range.lowerBound <= end else { return nil }
        return range.lowerBound...min(range.upperBound, end)
    }

    func runCount(within range: ClosedRange<UInt64>) -> Int {
        policies.reduce(0) { $0 + (seeds(of: $1, within: range)?.count ?? 0) } * scenarios.count
    }

    /// A short name of these terms.
    var digest: String {
        let bytes = (try? SimulationText.json(self)) ?? Data()
        return String(Dice.digest(String(decoding: bytes, as: UTF8.self), from: 0), radix: 16)
    }
}

/// A scenario as it takes part in a comparison.
struct ScenarioTerms: Codable, Hashable, Sendable {
    let name: String
    /// The name or file that was typed.
    let source: String
    /// Of all its options and price files.
    let digest: String
    /// Virtual hours for which faults rage.
    let hours: Double
    let scales: [String: Double]

    init(_ source: String, hours: Double?) throws {
        self.source = source
        do throws(ScenarioProblem) {
            var scenario = try Scenario.known(as: source)
            if let hours { scenario.length = Span(seconds: hours * 3_600) }
            var lines = scenario.options
            for (symbol, file) in scenario.priceFiles {
                lines.append("\(symbol) \(ScenarioTerms.bytes(of: file))")
            }
            name = scenario.name
            self.hours = scenario.length.seconds / 3_600
            var scales: [String: Double] = [:]
            for figure in FigureTerms.scaled {
                scales[figure.name] = scenario.scales[figure.name] ?? figure.scale
            }
            self.scales = scales
            digest = String(Dice.digest(lines.joined(separator: "\n"), from: 0), radix: 16)
        } catch {
            throw ValidationError(error.text)
        }
    }

    /// What a difference of the figure is divided by, over the whole run.
    func scale(of figure: FigureTerms) -> Double {
        (scales[figure.name] ?? figure.scale) * (figure.accrues ? hours : 1)
    }

    private static func bytes(of file: String) -> String {
        guard let bytes = FileManager.default.contents(atPath: file) else { return "unreadable" }
        return PolicyDigest.of(Array(bytes))
    }
}
