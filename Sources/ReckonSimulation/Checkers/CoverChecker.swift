import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-10: an open position has a stop that rests at the venue, or its symbol takes no entries and a stop is on its way.
struct CoverChecker {
    private let symbols: [Symbol]
    /// Bare for longer, whatever the venue does in between, means that nobody tries.
    private let longest = Span.seconds(240)
    /// An entry on a symbol that truly is bare for so long went past the gate.
    private let longestUnnoticed = Span.seconds(60)
    private var complained: Table<Symbol, VenueInstant> = Table()
    private var stops: Table<Symbol, Int> = Table()
    /// Since when a position is believed in that no stop is planned for.
    private var bareSince = Lookup<Symbol, Instant>()
    private var failedAt = Lookup<Symbol, Instant>()
    /// When an exit last left: where the stop's price is crossed, it is what takes the stop's place.
    private var exitLeftAt = Lookup<Symbol, Instant>()
    /// The longest wait between two series, and a little for what has to be asked first.
    private let longestWait = Span.seconds(30)
    private let slack = Span.seconds(3)
    /// Likewise of exits from a bare position.
    private let longestExitWait = Span.seconds(10)
    /// The share of a position, in 1e-4, from which on quantity stops cover it.
    private let leastCover: Int64 = 9_800

    /// More quantity stops than these are not placed, however little the venue takes in one.
    private let mostBridges = 8

    init(_ symbols: [Symbol]) { self.symbols = symbols }

    mutating func sent(
        _ placement: Placement,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let symbol = placement.ticket.symbol
        if placement.ticket.role == .exit { exitLeftAt[symbol] = sight.now }
        guard placement.ticket.role == .entry else { return }
        let believed = sight.believed(symbol)
        if !believed.isZero, !isCovered(symbol, book, sight) {
            findings.breach(
                "I-10",
                sight.now,
                "entry \(placement.ticket.id) left while \(symbol) stood without a stop"
            )
        }
        guard let bare = sight.record.openNakedInterval(symbol), believed == sight.held(symbol) else {
            return
        }
        let length = bare.length(asOf: sight.venueNow)
        guard length > longestUnnoticed else { return }
        findings.breach(
            "I-10",
            sight.now,
            "entry \(placement.ticket.id) left while \(symbol) was bare for \(length.seconds) s"
        )
    }

    /// What nobody was there to cover is held against nobody.
    mutating func restarted() { bareSince.removeAll() }

    /// By stops of this very position: those from before it was opened are on their way out.
    private func isCovered(_ symbol: Symbol, _ book: PublishedBook, _ sight: Sight) -> Bool {
        guard let holding = sight.holdings[symbol], let side = holding.position.closingSide,
            let openedAt = holding.openedAt
        else { return true }
        let size = holding.position.quantity.magnitude
        let covered = book.cover(symbol, closing: side, since: openedAt, of: size)
        return covered >= size.scaled(by: leastCover, over: 10_000, rounding: .up)
    }

    mutating func happened(_ sight: Sight, _ findings: inout Findings) {
        for symbol in symbols {
            guard let bare = sight.record.openNakedInterval(symbol) else { continue }
            findings.coverage.note(.naked)
            guard bare.length(asOf: sight.venueNow) > longest, complained[symbol] != bare.from else {
                continue
            }
            complained[symbol] = bare.from
            findings.breach(
                "I-10",
                sight.now,
                "\(symbol) stands without a stop for over \(longest.seconds) s"
            )
        }
    }

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .coverFailed(let symbol, _):
            stops[symbol] = 1
            failedAt[symbol] = stamped.at
        // The wish counts: it may have come while more was held, and go out only now that the stop is known to rest.
        case .order(let id, .cancelWanted): checkBracket(id, stamped.at, book, sight, &findings)
        case .order(let id, .cancelSent(attempt: 1)):
            checkRemoval(id, stamped.at, book, sight, &findings)
        case .orderPlanned(let ticket, _, _) where ticket.role == .stop && stops[ticket.symbol] != nil:
            stops[ticket.symbol] = nil
            findings.coverage.note(.stopPlacedAgain)
        case .intentRefused(_, let refusal) where refusal.rule == .unprotectedPosition:
            findings.coverage.note(.entryRefusedNaked)
        default: break
        }
    }

    /// A stop is taken away only while another one covers, or once nothing is left to cover.
    private func checkRemoval(
        _ id: ClientOrderID,
        _ now: Instant,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let story = book.orders[id], story.ticket.role == .stop,
            let holding = sight.holdings[story.ticket.symbol], let openedAt = holding.openedAt,
            story.plannedAt >= openedAt, story.ticket.side == holding.position.closingSide,
            story.ticket.extent == .wholePosition
        else { return }
        let size = holding.position.quantity.magnitude
        let others = book.stops(story.ticket.symbol, closing: story.ticket.side, since: openedAt)
        let resting = others.filter { $0.ticket.id != id && $0.standing == .resting }
        if resting.contains(where: { $0.ticket.extent == .wholePosition }) { return }
        let covered = resting.reduce(into: Quantity.zero) { $0 += $1.open }
        if covered >= size.scaled(by: leastCover, over: 10_000, rounding: .up) { return }
        if resting.count >= mostBridges { return }
        findings.breach("I-10", now, "stop \(id) is taken off while nothing else covers")
    }

    /// Where nothing is believed to be held, what is still unresolved may yet turn out to have opened something.
    private func checkBracket(
        _ id: ClientOrderID,
        _ now: Instant,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let story = book.orders[id], story.ticket.role == .stop, book.flattens.isEmpty,
            sight.believed(story.ticket.symbol).isZero
        else { return }
        let unresolved = book.liveOrders(story.ticket.symbol).first { other in
            other.isUnresolved && !other.ticket.role.isConditional
        }
        guard let unresolved else { return }
        findings.breach("I-10", now, "stop \(id) is taken off while \(unresolved.ticket.id) is unresolved")
    }

    /// After the turn: a position that is believed in has its stop on the way, in the turn that opened it and ever after.
    mutating func settled(_ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        for symbol in symbols {
            guard let holding = sight.holdings[symbol], let openedAt = holding.openedAt,
                let side = holding.position.closingSide
            else {
                bareSince[symbol] = nil
                continue
            }
            let stops = book.stops(symbol, closing: side, since: openedAt)
            let hasFailed = failedAt[symbol].map { $0 >= openedAt } ?? false
            if stops.isEmpty {
                checkBare(symbol, openedAt, hasFailed, sight, &findings)
            } else {
                bareSince[symbol] = nil
                if !hasFailed, stops.count < 2, stops.allSatisfy({ $0.standing == .doubtful }) {
                    let sentence = "the stop of \(symbol) is in doubt and no other goes out"
                    findings.breach("I-10", sight.now, sentence)
                }
            }
        }
    }

    private mutating func checkBare(
        _ symbol: Symbol,
        _ openedAt: Instant,
        _ hasFailed: Bool,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let since = bareSince[symbol] ?? sight.now
        bareSince[symbol] = since
        guard sight.marks[symbol] != nil else { return }
        if openedAt == sight.now, !hasFailed {
            return findings.breach("I-10", sight.now, "\(symbol) was opened and no stop followed at once")
        }
        let failed = failedAt[symbol].map { $0 + longestWait } ?? since
        let from = max(since, failed, exitLeftAt[symbol].map { $0 + longestExitWait } ?? since)
        guard sight.now - from > slack else { return }
        findings.breach(
            "I-10",
            sight.now,
            "\(symbol) has been without a stop for \((sight.now - since).seconds) s and none is on its way"
        )
        bareSince[symbol] = nil
    }
}
