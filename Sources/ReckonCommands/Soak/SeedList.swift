import Foundation
import ReckonPolicy
import ReckonSimulation

/// A file that lists seeds to run: `scenario policy seeds [hours]` a line, remarks after `#`.
struct SeedList {
    struct Row {
        let lane: SeedLane
        let seeds: ClosedRange<UInt64>
    }

    let rows: [Row]

    init(reading file: String) throws(ScenarioProblem) {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ScenarioProblem(text: "\(file): cannot be read as UTF-8 text")
        }
        var rows: [Row] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            guard !words.isEmpty else { continue }
            do throws(ScenarioProblem) {
                rows.append(try SeedList.row(words))
            } catch {
                throw ScenarioProblem(text: "\(file):\(index + 1): \(error.text)")
            }
        }
        guard !rows.isEmpty else { throw ScenarioProblem(text: "\(file): lists no seeds") }
        self.rows = rows
    }

    private static func row(_ words: [String]) throws(ScenarioProblem) -> Row {
        guard (3...4).contains(words.count) else {
            throw ScenarioProblem(
                text: "found \(words.count) words, allowed: scenario policy seeds [hours]"
            )
        }
        _ = try Scenario.known(as: words[0])
        do throws(PolicyProblem) {
            _ = try PolicyDirectory(reading: words[1])
        } catch {
            throw ScenarioProblem(text: "\(words[1]): \(error.text)")
        }
        let one = UInt64(words[2]).map { $0...$0 }
        guard let seeds = one ?? SeedRange(argument: words[2])?.seeds else {
            throw ScenarioProblem(text: "found seeds \(words[2]), allowed: one seed, or A..B")
        }
        guard words.count == 4 else {
            return Row(lane: SeedLane(scenario: words[0], policy: words[1]), seeds: seeds)
        }
        guard let hours = Double(words[3]), hours > 0, hours <= 10_000 else {
            throw ScenarioProblem(text: "found hours \(words[3]), allowed: above 0, to 10000")
        }
        return Row(lane: SeedLane(scenario: words[0], policy: words[1], hours: hours), seeds: seeds)
    }
}
