import ReckonEngine
import ReckonModel

/// I-05, I-14: a refusal has its reason in what is published: nothing is refused needlessly, nor dropped while it may wait.
struct RefusalChecker {
    private let configuration: EngineConfiguration
    private var listsAskedAt: Instant?
    private var acceptedAt = Lookup<Symbol, Instant>()
    private var forcedAt = Lookup<Symbol, Instant>()

    init(_ configuration: EngineConfiguration) { self.configuration = configuration }

    mutating func published(
        _ stamped: StampedFact,
        _ told: (book: PublishedBook, wire: WireLog),
        _ sight: Sight?,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .started: listsAskedAt = nil
        case .roundConcluded(let conclusion) where conclusion.isComplete: listsAskedAt = conclusion.askedAt
        case .positionForced(let close): forcedAt[close.symbol] = stamped.at
        case .intentAccepted(let acceptance):
            if case .entry(let entry) = acceptance.intent { acceptedAt[entry.symbol] = stamped.at }
        case .intentRefused(let key, let refusal):
            guard let sight, let symbol = refusal.symbol,
                !isJustified(refusal.rule, symbol, told, sight)
            else { return }
            let sentence = "\(key) was refused (\(refusal.message)), and nothing published says why"
            findings.breach("I-05", stamped.at, sentence)
        case .order(let id, .abandoned(.starting)):
            findings.breach(
                "I-14",
                stamped.at,
                "entry \(id) is dropped instead of waiting for the first round"
            )
        default: break
        }
    }

    /// The disk came back without its last facts.
    mutating func forget() { self = RefusalChecker(configuration) }

    private func isJustified(
        _ rule: Refusal.Rule,
        _ symbol: Symbol,
        _ told: (book: PublishedBook, wire: WireLog),
        _ sight: Sight
    ) -> Bool {
        let book = told.book
        switch rule {
        case .cooldown: return isCooling(symbol, book, sight.now)
        case .killSwitch: return book.knobs?.killSwitchTrip ?? true
        case .entriesClosed:
            return book.knobs.map { !$0.allowEntries || $0.own(symbol)?.allowEntries == false } ?? true
        case .halted:
            return book.operatorHalt != nil || book.flattens.contains { $0.key.covers(symbol) }
        case .journalDown: return book.journalDown != nil
        case .starting: return listsAskedAt == nil
        case .staleEvidence:
            return listsAskedAt.map { sight.now - $0 > configuration.evidence.maxEntryEvidenceAge } ?? true
        case .throttled: return told.wire.pausedUntil.map { sight.now < $0 } ?? false
        case .unresolvedIntent:
            return book.hasOpenExit(symbol)
                || book.liveOrders(symbol).contains { $0.isUnresolved && $0.ticket.role != .stop }
        case .unprotectedPosition: return !isCovered(symbol, book, sight)
        case .openOrders:
            let entries = book.liveOrders(symbol).count { $0.ticket.role == .entry }
            return entries >= book.knobs?.maxOpenOrdersPerSymbol ?? 0
        case .noMark: return sight.marks[symbol] == nil
        default: return true
        }
    }

    private func isCooling(_ symbol: Symbol, _ book: PublishedBook, _ now: Instant) -> Bool {
        if let forced = forcedAt[symbol], now - forced < configuration.external.forcedCooldown { return true }
        guard let knobs = book.knobs, let last = acceptedAt[symbol] else { return false }
        let own = knobs.own(symbol)?.entryCooldownSeconds ?? 0
        return (now - last).seconds < max(knobs.entryCooldownSeconds, own)
    }

    private func isCovered(_ symbol: Symbol, _ book: PublishedBook, _ sight: Sight) -> Bool {
        guard let holding = sight.holdings[symbol], let side = holding.position.closingSide,
            let openedAt = holding.openedAt, !holding.isLeftAlone
        else { return !(sight.holdings[symbol]?.isLeftAlone ?? false) }
        return book.cover(symbol, closing: side, since: openedAt, of: holding.position.quantity.magnitude)
            >= holding.leastCover(configuration.protection.minCoverage)
    }
}
