import ReckonEngine
import ReckonModel

/// I-09: after a gap of the stream everything is asked for at once, and a stream that is dead is opened anew.
struct StreamChecker {
    private let rules: EngineConfiguration
    private var startedAt = Instant.epoch
    private var reopenedAt = Instant.epoch
    private var contradicted = 0
    private var roundAt: Instant?
    private var isRoundOpen = false
    /// Rounds of this very instant, and what they ask for.
    private var parts: [SnapshotQuestion.Part] = []
    private var gapSince: Instant?
    private var mustReopen: Instant?
    /// When all of the account was last asked for; soon after that what rounds may weigh can be spent.
    private var wholeAt: Instant?
    private let longestBusy = Span.seconds(30)

    init(_ configuration: EngineConfiguration) { rules = configuration }

    /// The engine is about to be told something: the turn before is over.
    mutating func told(
        _ input: Input,
        _ wire: WireLog,
        hasRoom: Bool,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        if !parts.isEmpty { endRound(hasRoom: hasRoom, sight, &findings) }
        if let since = gapSince, sight.now - since > .seconds(1) {
            gapSince = nil
            if hasRoom, wire.wasFree(since: since, at: sight.now) {
                findings.breach("I-09", sight.now, "the stream came back, and nothing was asked for")
            }
        }
        switch input {
        case .wake: forget(at: sight.now)
        case .stream(.connected):
            let isSpaced = roundAt.map { sight.now - $0 >= rules.roundSpacing } ?? true
            gapSince =
                !isRoundOpen && isSpaced && wire.wasFree(since: sight.now, at: sight.now) ? sight.now : nil
        case .stream(.disconnected), .stream(.keyExpired):
            gapSince = nil
            mustReopen = nil
            reopenedAt = sight.now
        default: break
        }
        if let since = mustReopen, sight.now > since {
            mustReopen = nil
            findings.breach("I-09", sight.now, "the stream is dead, and it is not opened anew")
        }
    }

    private mutating func forget(at now: Instant) {
        startedAt = now
        contradicted = 0
        roundAt = nil
        isRoundOpen = false
        died()
    }

    /// The process is dead.
    mutating func died() {
        parts.removeAll()
        gapSince = nil
        mustReopen = nil
    }

    private mutating func endRound(hasRoom: Bool, _ sight: Sight, _ findings: inout Findings) {
        let isWhole = parts.contains(.openOrders) && parts.contains(.openAlgoOrders)
        parts.removeAll()
        let isRare = sight.now - max(wholeAt ?? startedAt, startedAt) > longestBusy
        if isWhole { wholeAt = roundAt }
        guard gapSince != nil else { return }
        gapSince = nil
        guard hasRoom, isRare, !isWhole else { return }
        findings.breach("I-09", sight.now, "the stream came back, and not all of the account was asked for")
    }

    /// A request of any kind has left.
    mutating func left(_ call: VenueCall, _ sight: Sight) {
        guard case .snapshot(let question) = call.request, case .round = question.purpose else { return }
        parts.append(question.part)
        roundAt = sight.now
        isRoundOpen = true
    }

    mutating func published(_ stamped: StampedFact, _ wire: WireLog) {
        guard case .roundConcluded(let conclusion) = stamped.fact else { return }
        isRoundOpen = false
        guard wire.isStreamConnected else {
            contradicted = 0
            return
        }
        contradicted = conclusion.contradicted > 0 && conclusion.compared > 0 ? contradicted + 1 : 0
        let heard = max(wire.streamHeardAt ?? startedAt, reopenedAt, startedAt)
        guard contradicted >= 2 || stamped.at - heard >= rules.evidence.stream.critical else { return }
        contradicted = 0
        mustReopen = stamped.at
    }
}
