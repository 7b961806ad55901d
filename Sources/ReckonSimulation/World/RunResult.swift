import ReckonEngine
package import ReckonModel

/// How one seed ended, with all that can be said about it.
package struct RunResult: Sendable {
    package let seed: UInt64
    package let report: ReliabilityReport
    package let breaches: [Breach]
    /// Why not everything has come to rest; empty when it has.
    package let unrest: [String]
    package let trace: TraceEnd
    package let coverage: Coverage
    package let counters: World.Counters
    package let conduct: Conduct

    /// What the trace came to.
    package struct TraceEnd: Sendable, Hashable {
        package let hash: UInt64
        package let events: Int64
        package let length: Span
    }

    package var verdict: Verdict {
        if !breaches.isEmpty { return .breach }
        if !unrest.isEmpty { return .stuck }
        return report.holds ? .held : .breach
    }

    /// One line for each thing that should not have happened.
    package var complaints: [String] {
        breaches.map { "\($0.invariant) \($0.sentence)" } + report.complaints + unrest
    }
}

/// What a run shows.
package enum Verdict: String, Sendable, Hashable, CaseIterable {
    case held
    /// An invariant did not hold.
    case breach
    /// After the faults had ended not everything came to rest.
    case stuck
    /// The process died of its own check.
    case crash

    /// Of several verdicts the most severe one is that of the whole.
    package var severity: Int {
        switch self {
        case .held: 0
        case .stuck: 1
        case .breach: 2
        case .crash: 3
        }
    }

    package var exitCode: Int32 {
        switch self {
        case .held: 0
        case .breach: 1
        case .stuck: 2
        case .crash: 3
        }
    }
}
