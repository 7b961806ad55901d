package import ReckonEngine
import ReckonModel

/// Which policies looked on and how they compared, as a journal tells: the counts whenever the way they differed changed, and
/// now and then.
package struct ShadowRecord: Sendable {
    /// How one policy differed from one count to the next.
    struct Stretch: Sendable {
        enum Way: String, Sendable {
            case same
            case looser
            case tighter
            case mixed
        }

        /// Seconds since the journal's first fact.
        let at: Double
        var until: Double
        let way: Way
    }

    /// One policy's time of looking on.
    struct Sitting: Sendable {
        /// Seconds since the journal's first fact.
        let from: Double
        fileprivate(set) var until: Double
        /// The latest counts; what came after them stands in no journal.
        fileprivate(set) var tally: ShadowTally
        /// Digests of the policies that it was compared with, in order.
        fileprivate(set) var champions: [String]
        fileprivate(set) var stretches: [Stretch] = []
        /// At the last tick of the counts.
        fileprivate var pattern = ShadowPattern()
    }

    private(set) var sittings: [Sitting] = []
    /// The mode that was enforced, tick by tick.
    private(set) var modes: [(at: Double, mode: GuardMode)] = []
    private(set) var seconds = 0.0
    private var start: Instant?

    /// Whether any policy has looked on.
    package var isEmpty: Bool { sittings.isEmpty }

    package init() {}

    /// Takes the next fact of a journal.
    package mutating func take(_ stamped: StampedFact) {
        let start = start ?? stamped.at
        self.start = start
        seconds = max(seconds, (stamped.at - start).seconds)
        switch stamped.fact {
        case .verdictEnforced(let enforcement):
            if modes.last?.mode != enforcement.enforced.mode {
                modes.append((seconds, enforcement.enforced.mode))
            }
        case .shadowCompared(let tally): take(tally, at: seconds)
        default: return
        }
    }

    private mutating func take(_ tally: ShadowTally, at now: Double) {
        guard let last = sittings.last, tally.continues(last.tally) else {
            sittings.append(Sitting(from: now, until: now, tally: tally, champions: [tally.champion]))
            return
        }
        guard tally != last.tally else { return }
        let index = sittings.count - 1
        if now > last.until {
            sittings[index].stretches.append(Stretch(at: last.until, until: now, way: last.pattern.way))
        }
        sittings[index].pattern = last.pattern.next(from: last.tally, to: tally)
        sittings[index].until = now
        sittings[index].tally = tally
        if last.champions.last != tally.champion { sittings[index].champions.append(tally.champion) }
    }
}

/// In which knobs a policy differed at one tick.
///
/// Counts are told when the pattern changes, and the tick that changed it is in them: what they grew by is the old pattern
/// for each tick but the last, and the new one for that.
struct ShadowPattern: Sendable, Hashable {
    private var looser: [String] = []
    private var tighter: [String] = []

    init() {}

    var way: ShadowRecord.Stretch.Way {
        switch (looser.isEmpty, tighter.isEmpty) {
        case (true, true): .same
        case (false, true): .looser
        case (true, false): .tighter
        case (false, false): .mixed
        }
    }

    /// The pattern of the last tick that the later counts have.
    fileprivate func next(from earlier: ShadowTally, to later: ShadowTally) -> ShadowPattern {
        let before = max(later.compared - earlier.compared - 1, 0)
        var next = ShadowPattern()
        for (name, count) in later.knobs {
            let old = earlier.knobs[name] ?? ShadowTally.Count()
            if count.looser - old.looser > (looser.contains(name) ? before : 0) { next.looser.append(name) }
            if count.tighter - old.tighter > (tighter.contains(name) ? before : 0) {
                next.tighter.append(name)
            }
        }
        return next
    }
}

extension ShadowTally {
    /// Whether these are later counts of the same looking on.
    fileprivate func continues(_ earlier: ShadowTally) -> Bool {
        identity == earlier.identity && reason == earlier.reason && compared >= earlier.compared
            && (compared > 0 || self == earlier)
    }
}
