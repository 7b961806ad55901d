import ReckonEngine
import ReckonModel
import ReckonSimulation

/// How one policy's enforced knobs went over a record, weighted by how long each held.
struct Course: Sendable {
    struct Moment: Sendable {
        let at: Double
        let knobs: Knobs
    }

    /// A longer gap between two ticks is time in which no engine ran.
    static let longestHold = 60.0

    private(set) var moments: [Moment] = []
    private(set) var modeSeconds = [Double](repeating: 0, count: GuardMode.allCases.count)
    private(set) var seconds = 0.0
    private(set) var openSeconds = 0.0
    private var moves = FlapCount()
    private(set) var faults = 0
    private(set) var held = 0
    private(set) var clamped = 0
    private var notionalSeconds = 0.0

    var modeChanges: Int { moves.changes }

    var flaps: Int { moves.flaps }

    /// The cap on a symbol's notional, a mean over time; 0 while entries were closed.
    var meanNotional: Double { seconds > 0 ? notionalSeconds / seconds : 0 }

    var openShare: Double { seconds > 0 ? openSeconds / seconds : 0 }

    /// Takes the next tick, whose knobs held for `length` seconds.
    mutating func take(_ enforcement: Enforcement, at now: Double, for length: Double) {
        let knobs = enforcement.enforced
        if let last = moments.last?.knobs.mode, last != knobs.mode {
            moves.take(from: last, to: knobs.mode, at: .epoch + Span(seconds: now))
        }
        moments.append(Moment(at: now, knobs: knobs))
        let length = min(length, Course.longestHold)
        seconds += length
        modeSeconds[knobs.mode.severity] += length
        if knobs.admits { openSeconds += length }
        notionalSeconds += knobs.admits ? knobs.maxNotional * length : 0
        if enforcement.fault != nil { faults += 1 }
        held += enforcement.held.count
        clamped += enforcement.clamped.count
    }
}

extension Knobs {
    /// Whether any entry may pass.
    var admits: Bool { allowEntries && !killSwitchTrip }
}
