import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-10: the venue's dead-man switch takes entries off when nobody is there, and never protection, nor anything unnoticed.
struct DeadManChecker {
    private let rules: DeadManRules?
    private var isUp = true
    private var upSince = Instant.epoch
    private var strikesSeen = 0
    /// When the venue's weight was last short, so that wishes may have had to wait.
    private var shortAt = Instant.epoch
    /// When a countdown was last wished to run, and when last to stop.
    private var wound = Lookup<Symbol, Instant>()
    private var stopped = Lookup<Symbol, Instant>()
    /// When an entry was last live on an instrument, and since when one rests there without a pause.
    private var entryLive = Lookup<Symbol, Instant>()
    private var restsSince = Lookup<Symbol, Instant>()
    /// Orders that a countdown took and the engine has not said so of.
    private var taken: Table<ClientOrderID, Instant> = Table()
    /// A round every five seconds, an outage of the lists, and questions about what is missing.
    private let noticeWithin = Span.seconds(45)
    /// What a winding may be late by.
    private let slack = Span.seconds(3)

    init(_ configuration: EngineConfiguration) { rules = configuration.deadMan }

    mutating func died() { isUp = false }

    mutating func restarted(at now: Instant) {
        isUp = true
        upSince = now
        restsSince.removeAll()
    }

    mutating func left(_ call: VenueCall, _ sight: Sight, _ findings: inout Findings) {
        guard case .countdown(let wish) = call.request else { return }
        guard wish.span > .zero else {
            stopped[wish.symbol] = sight.now
            return
        }
        wound[wish.symbol] = sight.now
        findings.coverage.note(.countdownWound)
    }

    /// Something has happened at the exchange.
    mutating func happened(
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let strikes = sight.record.countdowns
        while strikesSeen < strikes.count {
            check(strikes[strikesSeen], book, wire, sight, &findings)
            strikesSeen += 1
        }
    }

    private mutating func check(
        _ strike: RecordedCountdown,
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for id in strike.orders {
            guard let story = book.orders[id] else { continue }
            findings.coverage.note(isUp ? .countdownFired : .countdownFiredAlone)
            if story.ticket.role.isConditional {
                findings.breach("I-10", sight.now, "the countdown of \(strike.symbol) took protection \(id)")
            }
            if story.standing != .ended { taken[id] = sight.now }
        }
        checkForgotten(strike, wire, sight, &findings)
    }

    /// One that nobody needs any more has to be stopped: a resting exit could fall to it.
    private func checkForgotten(
        _ strike: RecordedCountdown,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        // One that took nothing made no event, and is looked at with the next.
        let at = sight.now - .milliseconds(sight.venueNow.milliseconds - strike.at.milliseconds)
        guard let rules, isUp, at - upSince > rules.countdown + slack else { return }
        let since = at - rules.countdown
        guard shortAt < since - .seconds(1), wire.wasFree(since: since - .seconds(1), at: sight.now),
            entryLive[strike.symbol].map({ $0 < since - .seconds(1) }) ?? true,
            stopped[strike.symbol].map({ $0 < since }) ?? true
        else { return }
        findings.breach(
            "I-10",
            sight.now,
            "the countdown of \(strike.symbol) fired with no entry at work and nobody having stopped it"
        )
    }

    /// A turn is over; `hasRoom` says whether the venue's weight is far from used up.
    mutating func settled(
        _ book: PublishedBook,
        _ wire: WireLog,
        hasRoom: Bool,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let rules else { return }
        if !hasRoom { shortAt = sight.now }
        noticeTaken(book, wire, sight, &findings)
        var resting: Table<Symbol, Bool> = Table()
        for (id, symbol) in book.live {
            guard let story = book.orders[id], story.ticket.role == .entry, story.standing != .planned else {
                continue
            }
            entryLive[symbol.instrument] = sight.now
            if story.standing == .resting { resting[symbol.instrument] = true }
        }
        for symbol in sight.holdings.keys.map(\.instrument) where resting[symbol] == nil {
            restsSince[symbol] = nil
        }
        for symbol in resting.keys {
            let since = restsSince[symbol] ?? sight.now
            restsSince[symbol] = hasRoom ? since : sight.now
            let due = max(since, wound[symbol] ?? .epoch) + rules.every + slack
            guard hasRoom, sight.now > due, wire.wasFree(since: due - slack, at: sight.now) else { continue }
            restsSince[symbol] = sight.now
            findings.breach(
                "I-10",
                sight.now,
                "an entry rests on \(symbol) and its countdown was not wound up for over \(rules.every.seconds) s"
            )
        }
    }

    private mutating func noticeTaken(
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for (id, since) in taken {
            guard let story = book.orders[id], story.standing != .ended else {
                taken[id] = nil
                continue
            }
            let from = max(since, upSince, wire.freeSince)
            if sight.listsUntrueFor > .zero { taken[id] = sight.now }
            guard isUp, sight.now - from > noticeWithin else { continue }
            taken[id] = nil
            findings.breach(
                "I-10",
                sight.now,
                "a countdown took \(id) off \(story.ticket.symbol) and it is still believed to rest"
            )
        }
    }
}
