/// Counts how often each situation that an invariant is about was met: a run that meets none of them proves nothing.
package struct Coverage: Sendable, Hashable {
    /// The raw value begins with the invariant's id.
    package enum Mark: String, Sendable, CaseIterable {
        case placementSent = "I-01 an order left after its facts"
        case crashBeforeCommit = "I-01 a crash before the commit"
        case crashAfterCommit = "I-01 a crash between commit and send"
        case crashAmidActions = "I-01 a crash amid the actions"
        case journalDown = "I-01 the journal was down"
        case entryInDoubt = "I-02 an entry was in doubt"
        case laterGeneration = "I-02 an entry went out again under a new id"
        case replaced = "I-02 an entry was replaced"
        case replacedInPart = "I-02 a part filled before its entry was replaced"
        case partialFill = "I-02 an entry filled in parts"
        case exitReduced = "I-02 an exit took a position away"
        case exitWhileClosed = "I-03 an exit while entries were closed"
        case stopWhileClosed = "I-03 a stop while entries were closed"
        case loosened = "I-04 knobs got looser"
        case held = "I-04 a loosening was held back"
        case heldAfterReload = "I-04 a verdict within the hold after a start or reload"
        case red = "I-05 RED"
        case latched = "I-05 the kill switch held"
        case operatorHalt = "I-05 an operator's halt"
        case policyFault = "I-06 a policy's fault"
        case quarantined = "I-06 three faults in a row"
        case putBack = "I-06 the last version that ran clean was put back"
        case retried = "I-07 an order was sent again"
        case gaveUp = "I-07 a series reached its bound"
        case paced = "I-07 a round waited for the budget"
        case exitWithdrawn = "I-07 an exit was taken back"
        case startedWhilePaused = "I-07 a process started while the venue wanted no request"
        case unanswered = "I-08 an order had no answer at all"
        case resolvedByVenue = "I-08 the venue's word ended a doubt"
        case lapsed = "I-08 absence was proven"
        case tooEarlyNotFound = "I-08 a not-found came too early to count"
        case fenced = "I-09 a difference was fenced"
        case corrected = "I-09 a belief was corrected"
        case correctedFromStale = "I-09 lists were stale while a belief changed"
        case forcedClose = "I-09 the venue closed a position itself"
        case settingDrift = "I-09 a setting had been changed by somebody else"
        case naked = "I-10 a position stood without a stop"
        case stopPlacedAgain = "I-10 a stop was placed again"
        case entryRefusedNaked = "I-10 an entry was refused over a missing stop"
        case countdownWound = "I-10 the venue's countdown was wound up"
        case countdownFired = "I-10 a countdown took orders off"
        case countdownFiredAlone = "I-10 a countdown took orders off while the process was down"
        case cancelledAll = "I-10 everything but protection was taken off the book"
        case replaceGaveUp = "I-07 a replacement was given up"
        case withdrawn = "I-07 an entry was taken back"
        case flattened = "I-07 a flatten was finished"
        case flattenedPosition = "I-07 a flatten closed a position"
        case replayed = "I-11 facts were replayed"
        case entryBesideOthers = "I-14 an entry went out beside position or orders"
        case entryBesideLeg = "I-14 an entry went out beside the other leg"
        case refusedByCap = "I-14 an entry was refused by the cap"
    }

    private var counts = [Int](repeating: 0, count: Mark.allCases.count)

    package init() {}

    package subscript(mark: Mark) -> Int { counts[Coverage.index(mark)] }

    mutating func note(_ mark: Mark) { counts[Coverage.index(mark)] += 1 }

    package mutating func add(_ other: Coverage) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// Every mark with its count, in the order of the invariants.
    package var rows: [(mark: Mark, count: Int)] { zip(Mark.allCases, counts).map { ($0, $1) } }

    package var unmet: [Mark] { rows.filter { $0.count == 0 }.map(\.mark) }

    private static func index(_ mark: Mark) -> Int { Mark.allCases.firstIndex(of: mark) ?? 0 }
}
