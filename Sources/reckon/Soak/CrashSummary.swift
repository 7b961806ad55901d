import Foundation
import ReckonControl
import ReckonSimulation

/// All lanes of a crash soak together.
struct CrashSummary {
    let outcomes: [CrashLane.Outcome]
    let seconds: Double

    var holds: Bool { outcomes.allSatisfy(\.holds) }

    private var counts: [(name: String, value: Int)] {
        func sum(_ part: (CrashLane.Outcome) -> Int) -> Int { outcomes.reduce(0) { $0 + part($1) } }
        return [
            ("kills", sum(\.kills)), ("kills_while_starting", sum(\.killsWhileStarting)),
            ("recoveries_verified", sum(\.recoveries)), ("entries_accepted", sum(\.tally.entriesAccepted)),
            ("exits_accepted", sum(\.tally.exitsAccepted)),
            ("entries_refused", sum { $0.tally.refusals.values.reduce(0, +) }),
            ("orders_at_venue", sum(\.venueOrders)), ("faults_met", sum(\.faultsMet)),
            ("facts", sum(\.facts)),
        ]
    }

    /// Counts and times of all lanes added up; of a greatest the greatest.
    private var figures: [Figure] {
        guard let first = outcomes.first else { return [] }
        return first.figures.map { figure in
            let values = outcomes.compactMap { lane in lane.figures.first { $0.name == figure.name }?.value }
            let isGreatest = figure.name.hasSuffix("_max") || figure.name.hasSuffix("_p99")
            let value = isGreatest ? values.max() ?? 0 : values.reduce(0, +)
            return Figure(figure.name, value, figure.unit, mustNotExceed: figure.mustNotExceed)
        }
    }

    private var refusals: [(rule: String, count: Int)] {
        outcomes.reduce(into: [String: Int]()) { sum, lane in
            sum.merge(lane.tally.refusals, uniquingKeysWith: +)
        }
        .sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { ($0.key, $0.value) }
    }

    private var slowestRecovery: Double { outcomes.map(\.slowestRecovery).max() ?? 0 }

    private var complaints: [String] {
        outcomes.flatMap { lane in
            let head = "lane \(lane.order.number) (\(lane.folder)): "
            return lane.complaints.map { head + $0 }
        }
    }

    func lines() -> [String] {
        var lines = counts.map { "  \($0.name) \($0.value)" }
        lines.append(
            "  refused by " + refusals.prefix(6).map { "\($0.rule) \($0.count)" }.joined(separator: ", ")
        )
        lines.append(String(format: "  slowest_recovery %.1f s", slowestRecovery))
        lines.append(String(format: "  wall_clock %.0f s", seconds))
        lines.append("reliability (from the venues' records)")
        lines += figures.map { figure in
            let value =
                figure.unit == .count
                ? "\(Int(figure.value))" : String(format: "%.3f %@", figure.value, figure.unit.rawValue)
            return "  \(figure.name) \(value)" + (figure.holds ? "" : "   must be 0")
        }
        lines += complaints.prefix(40).map { "  ! \($0)" }
        lines.append(holds ? "held" : "did not hold")
        return lines
    }

    var json: JSON {
        var members = counts.map { JSON.Member($0.name, .whole($0.value)) }
        members.append(.init("refusals", .object(refusals.map { .init($0.rule, .whole($0.count)) })))
        members.append(.init("slowest_recovery_sec", .figure(slowestRecovery)))
        members.append(.init("wall_clock_sec", .figure(seconds)))
        members.append(.init("figures", .object(figures.map { .init($0.name, .figure($0.value)) })))
        members.append(.init("complaints", .texts(complaints)))
        members.append(.init("holds", .flag(holds)))
        return .object(members)
    }
}
