import ReckonEngine
import ReckonModel

/// I-05, I-07, I-14: at every transmission of an entry the gate's rules hold, by what is published.
struct GateChecker {
    private let maxListsAge: Span
    private let forcedCooldown: Span
    private var forcedAt: Table<Symbol, Instant> = Table()
    private var listsAskedAt: Instant?
    private var leverages: Table<Symbol, Int> = Table()
    private var acceptedAt: Table<Symbol, Instant> = Table()

    init(_ configuration: EngineConfiguration) {
        maxListsAge = configuration.evidence.maxEntryEvidenceAge
        forcedCooldown = configuration.external.forcedCooldown
    }

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook, _ findings: inout Findings) {
        switch stamped.fact {
        case .started: listsAskedAt = nil
        case .roundConcluded(let conclusion) where conclusion.isComplete: listsAskedAt = conclusion.askedAt
        case .leverageKnown(let symbol, let leverage): leverages[symbol.instrument] = leverage
        case .intentAccepted(let acceptance):
            guard case .entry(let entry) = acceptance.intent else { return }
            checkPace(entry, stamped.at, book, &findings)
            if let story = book.intents[acceptance.id] {
                check((entry, story), "was taken", stamped.at, book, &findings)
            }
            acceptedAt[entry.symbol] = stamped.at
        case .positionForced(let close): forcedAt[close.symbol] = stamped.at
        default: break
        }
    }

    private func checkPace(
        _ entry: EntryIntent,
        _ now: Instant,
        _ book: PublishedBook,
        _ findings: inout Findings
    ) {
        guard let knobs = book.knobs, let last = acceptedAt[entry.symbol] else { return }
        let own = knobs.own(entry.symbol)?.entryCooldownSeconds ?? 0
        let wait = max(knobs.entryCooldownSeconds, own)
        guard (now - last).seconds < wait else { return }
        findings.breach(
            "I-05",
            now,
            "entry \(entry.key) was taken \((now - last).seconds) s after the last; the cooldown is \(wait) s"
        )
    }

    func sent(_ placement: Placement, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        guard let (story, entry) = book.entry(of: placement.ticket.id) else { return }
        check((entry, story), "left as \(placement.ticket.id)", sight.now, book, &findings)
        guard let knobs = book.knobs else { return }
        let own = knobs.own(entry.symbol)?.maxLeverage
        let cap = min(knobs.maxLeverage, own ?? knobs.maxLeverage)
        // Taken on at another it may be: only a symbol that is not in use can be given the right one.
        guard let leverage = leverages[entry.symbol.instrument], leverage > cap else { return }
        let sentence = "entry \(placement.ticket.id) left at a leverage of \(leverage); allowed \(cap)"
        findings.breach("I-05", sight.now, sentence)
    }

    private func check(
        _ own: (entry: EntryIntent, story: PublishedBook.IntentStory),
        _ verb: String,
        _ now: Instant,
        _ book: PublishedBook,
        _ findings: inout Findings
    ) {
        let (entry, story) = own
        guard let knobs = book.knobs else { return }
        func breach(_ invariant: String, _ why: String) {
            findings.breach(invariant, now, "entry \(entry.key) \(verb) \(why)")
        }
        if now >= story.acceptedAt + entry.lifetime { breach("I-07", "after its deadline") }
        if let askedAt = listsAskedAt {
            if now - askedAt > maxListsAge { breach("I-14", "on lists that are too old") }
        } else {
            breach("I-14", "before a first complete round")
        }
        if let forced = forcedAt[entry.symbol], now - forced < forcedCooldown {
            breach("I-05", "\((now - forced).seconds) s after the venue had closed a position there")
        }
        let own = knobs.own(entry.symbol)
        if own?.allowEntries == false { breach("I-05", "while entries on its symbol were closed") }
        if entry.confidence < max(knobs.minEntryConfidence, own?.minEntryConfidence ?? 0) {
            breach("I-05", "with a confidence of \(entry.confidence)")
        }
        let others = book.liveOrders(entry.symbol).filter { $0.intent != story.acceptance.id }
        if others.count(where: { $0.ticket.role == .entry }) >= knobs.maxOpenOrdersPerSymbol {
            breach("I-05", "beside \(knobs.maxOpenOrdersPerSymbol) others")
        }
        if others.contains(where: { $0.isUnresolved && $0.ticket.role != .stop }) {
            breach("I-14", "while another order on its symbol was unresolved")
        }
        if book.hasOpenExit(entry.symbol) { breach("I-14", "while its symbol was being left") }
    }

    /// RED and every halt also take the working rest of entries off the book, in the very turn.
    func settled(_ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        guard book.areEntriesHalted else { return }
        for story in book.restingEntries where story.intent != nil && story.isWanted {
            findings.breach("I-05", sight.now, "entry \(story.ticket.id) rests on while everything is halted")
        }
    }
}
