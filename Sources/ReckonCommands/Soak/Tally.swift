package import ReckonSimulation

/// What many seeds of many scenarios came to; it only grows, and is the same in whatever order they came.
package struct Tally: Codable, Equatable, Sendable {
    package struct Lane: Codable, Equatable, Sendable {
        package var seeds = 0
        package var failed = 0
    }

    /// A figure's worst value, and where it was seen.
    package struct Worst: Codable, Equatable, Sendable {
        package var value: Double
        package var scenario: String
        package var policy: String
        package var seed: UInt64
    }

    package struct Failure: Codable, Equatable, Sendable {
        package let scenario: String
        package let policy: String
        package let seed: UInt64
        package let verdict: String
        package let complaint: String
        package let command: String
    }

    /// Failures beyond are counted and not told.
    package static let told = 1_000

    package private(set) var seeds = 0
    package private(set) var held = 0
    package private(set) var breach = 0
    package private(set) var stuck = 0
    package private(set) var crash = 0
    package private(set) var virtual_seconds = 0.0
    package private(set) var events: Int64 = 0
    package private(set) var coverage: [String: Int] = [:]
    package private(set) var strikes: [String: Int] = [:]
    package private(set) var lanes: [String: Lane] = [:]
    package private(set) var worst: [String: Worst] = [:]
    package private(set) var failures: [Failure] = []

    package init() {}

    package var failed: Int { breach + stuck + crash }

    /// Situations that no seed has met.
    package var unmet: [String] {
        Coverage.Mark.allCases.map(\.rawValue).filter { coverage[$0] ?? 0 == 0 }
    }

    package var worstVerdict: Verdict {
        crash > 0 ? .crash : breach > 0 ? .breach : stuck > 0 ? .stuck : .held
    }

    /// The one whose command is given last: of the most severe, the first by scenario, policy and seed.
    package var foremost: Failure? {
        failures.first { $0.verdict == worstVerdict.rawValue } ?? failures.first
    }

    mutating func add(_ report: SeedReport, _ lane: SeedLane) {
        seeds += 1
        switch report.outcome {
        case .held: held += 1
        case .breach: breach += 1
        case .stuck: stuck += 1
        case .crash: crash += 1
        }
        virtual_seconds += report.virtual_seconds
        events += report.events
        for (name, count) in report.coverage ?? [:] { coverage[name, default: 0] += count }
        for (name, count) in report.strikes ?? [:] { strikes[name, default: 0] += count }
        lanes[lane.text, default: Lane()].seeds += 1
        if report.outcome != .crash { noteWorst(report, lane) }
        guard report.outcome != .held else { return }
        lanes[lane.text, default: Lane()].failed += 1
        note(report, lane)
    }

    /// Of these less is worse.
    static let better = ["admitted_share", "admitted_usdt", "entries_allowed"]

    private mutating func noteWorst(_ report: SeedReport, _ lane: SeedLane) {
        // How long each mode held says nothing about which run was the worst.
        for (name, value) in report.figures where !name.hasPrefix("mode_seconds.") {
            let mine = Worst(
                value: value,
                scenario: lane.scenario,
                policy: lane.policy,
                seed: report.seed
            )
            guard let other = worst[name] else {
                worst[name] = mine
                continue
            }
            let isWorse = Tally.better.contains(name) ? value < other.value : value > other.value
            let isEqualAndFirst = value == other.value && Tally.order(mine) < Tally.order(other)
            if isWorse || isEqualAndFirst { worst[name] = mine }
        }
    }

    private static func order(_ worst: Worst) -> (String, String, UInt64) {
        (worst.scenario, worst.policy, worst.seed)
    }

    private mutating func note(_ report: SeedReport, _ lane: SeedLane) {
        let failure = Failure(
            scenario: lane.scenario,
            policy: lane.policy,
            seed: report.seed,
            verdict: report.verdict,
            complaint: report.complaints.first ?? "",
            command: lane.command.seed(report.seed).text
        )
        let place = failures.firstIndex { known in
            (failure.scenario, failure.policy, failure.seed) < (known.scenario, known.policy, known.seed)
        }
        failures.insert(failure, at: place ?? failures.count)
        if failures.count > Tally.told { failures.removeLast() }
    }
}
