import ReckonEngine
import ReckonModel

/// I-07: an overloaded venue gets a pause from everything that opens, and no restart ends a wait that was stored.
struct PauseChecker {
    private let overload: Backoff
    /// Answers in a row that told of an overload, and until when they bind.
    private var overloads = 0
    private var entriesUntil: Instant?
    private var storedUntil: Instant?

    init(_ rules: PacingRules) { overload = rules.overload }

    mutating func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .pauseAsked(let until): storedUntil = max(storedUntil ?? until, until)
        case .started:
            if let storedUntil, stamped.at < storedUntil { findings.coverage.note(.startedWhilePaused) }
        default: break
        }
    }

    /// The disk came back without its last facts.
    mutating func forget() { storedUntil = nil }

    /// The engine is about to be told something.
    mutating func told(_ input: Input, _ sight: Sight) {
        switch input {
        case .wake:
            overloads = 0
            entriesUntil = nil
        case .placed(let placement, .success) where placement.ticket.role == .entry: overloads = 0
        case .placed(_, .failure(let failure)), .queried(_, .failure(let failure)),
            .cancelled(_, .failure(let failure)), .snapshot(_, .failure(let failure)):
            heed(failure, sight.now)
        default: break
        }
    }

    private mutating func heed(_ failure: VenueFailure, _ now: Instant) {
        guard failure.stopsEntries else { return }
        let doubled = overload.first.nanoseconds << Int64(min(overloads, 20))
        overloads += 1
        // The jitter takes away half of it at most.
        let least = Span(nanoseconds: min(doubled, overload.cap.nanoseconds) / 2)
        let until = now + max(least, failure.retryAfter ?? .zero)
        entriesUntil = max(entriesUntil ?? until, until)
    }

    /// A request of any kind has left.
    func left(_ call: VenueCall, _ sight: Sight, _ findings: inout Findings) {
        if let storedUntil, sight.now < storedUntil {
            let early = (storedUntil - sight.now).milliseconds
            findings.breach("I-07", sight.now, "\(call.text) left \(early) ms before a stored pause was over")
        }
        guard call.isOpening, let entriesUntil, sight.now < entriesUntil else { return }
        let early = (entriesUntil - sight.now).milliseconds
        findings.breach(
            "I-07",
            sight.now,
            "\(call.text) left \(early) ms before an overloaded venue may be asked again"
        )
    }
}
