import ReckonEngine
import ReckonModel

/// I-07, I-08: what goes out again was refused before, waits have a length, and a venue that asks for patience gets it.
struct PatienceChecker {
    /// No backoff of the engine is shorter than this.
    private let shortest = Span.milliseconds(50)
    private let router: RouterRules
    private let longestBareWait: Span
    private var coverFailures = Lookup<Symbol, Failures>()
    private var sentAt: Table<ClientOrderID, Instant> = Table()
    private var coverFailedAt: Table<Symbol, Instant> = Table()
    private var seriesEndedAt: Table<IntentID, Instant> = Table()
    /// The last stop of a symbol that ended was one for the whole position: its substitute may follow at once.
    private var hasWholeFailed: Table<Symbol, Bool> = Table()

    /// How often stops of one position have failed, each within a minute of the one before.
    private struct Failures {
        let openedAt: Instant?
        var last: Instant
        var count = 1
    }

    init(_ configuration: EngineConfiguration) {
        router = configuration.router
        longestBareWait = configuration.protection.longestBareWait
    }

    private mutating func failed(_ symbol: Symbol, _ now: Instant, _ sight: Sight) {
        coverFailedAt[symbol] = now
        let openedAt = sight.holdings[symbol]?.openedAt
        guard let known = coverFailures[symbol], known.openedAt == openedAt, now - known.last <= .seconds(60)
        else {
            coverFailures[symbol] = Failures(openedAt: openedAt, last: now)
            return
        }
        coverFailures[symbol]?.last = now
        coverFailures[symbol]?.count += 1
    }

    /// A request of any kind has left.
    func left(_ call: VenueCall, _ wire: WireLog, _ sight: Sight, _ findings: inout Findings) {
        guard let until = wire.pausedUntil, sight.now < until else { return }
        findings.breach(
            "I-07",
            sight.now,
            "\(call.text) left \((until - sight.now).milliseconds) ms before the venue wanted to be asked again"
        )
    }

    /// An order that went out before goes again only where the venue said that it had not executed it.
    mutating func sent(
        _ placement: Placement,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let id = placement.ticket.id
        defer { sentAt[id] = sight.now }
        guard placement.attempt > 1 else { return }
        let answer = wire.answers[id]
        if answer?.attempt != placement.attempt - 1 || answer?.isRetryable != true {
            findings.breach(
                "I-08",
                sight.now,
                "order \(id) goes out again and nobody said that attempt \(placement.attempt - 1) came to nothing"
            )
        }
        let least = max(shortest, router.backoff.least(after: placement.attempt - 1))
        guard let last = sentAt[id], sight.now - last < least else { return }
        findings.breach(
            "I-07",
            sight.now,
            "order \(id) goes out again after \((sight.now - last).milliseconds) ms"
        )
    }

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .coverFailed(let symbol, _): failed(symbol, stamped.at, sight)
        case .positionCorrected(let correction): coverFailures[correction.symbol] = nil
        case .coverPlanned(let plan): coverFailedAt[plan.symbol] = nil
        // The venue is back: what failed while it was away says nothing any more.
        case .roundConcluded(let conclusion) where conclusion.isComplete: coverFailedAt = Table()
        case .order(let id, _):
            guard let story = book.orders[id], story.ticket.role == .stop, story.standing == .ended else {
                return
            }
            hasWholeFailed[story.ticket.symbol] = story.ticket.extent == .wholePosition
        case .orderPlanned(let ticket, let intent, let generation):
            if ticket.role == .stop { checkStop(ticket, stamped.at, sight, &findings) }
            if ticket.role == .exit, generation > 1, let intent {
                checkExit(ticket, intent, stamped.at, book, &findings)
            }
        case .exitSeriesEnded(let id): seriesEndedAt[id] = stamped.at
        default: break
        }
    }

    private func checkStop(
        _ ticket: OrderTicket,
        _ now: Instant,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let count = coverFailures[ticket.symbol]?.count ?? 1
        let least = max(shortest, min(router.seriesBackoff.least(after: count), longestBareWait))
        guard let failedAt = coverFailedAt[ticket.symbol], now - failedAt < least,
            sight.holdings[ticket.symbol]?.openedAt.map({ $0 < failedAt }) ?? false
        else { return }
        if ticket.extent != .wholePosition, hasWholeFailed[ticket.symbol] ?? false { return }
        findings.breach("I-07", now, "stop \(ticket.id) follows failure \(count) of its kind too soon")
    }

    private mutating func checkExit(
        _ ticket: OrderTicket,
        _ intent: IntentID,
        _ now: Instant,
        _ book: PublishedBook,
        _ findings: inout Findings
    ) {
        // The pause between two series is counted from the end of the first, whatever of it was still to fail.
        if let ended = seriesEndedAt[intent] {
            seriesEndedAt[intent] = nil
            if now - ended >= shortest { return }
        }
        let earlier = (book.intents[intent]?.orders ?? []).filter { $0 != ticket.id }.compactMap {
            book.orders[$0]
        }
        guard let last = earlier.last, last.standing == .ended, !last.isFilled, let endedAt = last.endedAt,
            now - endedAt < shortest
        else { return }
        findings.breach("I-07", now, "exit \(ticket.id) follows a failed one without a pause")
    }
}
