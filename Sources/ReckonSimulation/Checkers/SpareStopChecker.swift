import ReckonEngine
import ReckonModel

/// I-10: a stop that serves nothing any more is taken off: it would strike the next position, or keep the place of its stop.
struct SpareStopChecker {
    private let prefix: String
    private let keepAfterVanish: Span
    private var spareSince = Lookup<ClientOrderID, Instant>()
    /// When a position was last held for gone and not closed: its stops stay for a while.
    private var vanishedAt = Lookup<Symbol, Instant>()
    /// Since the last start a round has looked at every symbol.
    private var hasLooked = false
    /// While another engine may be there, what is left over is not touched.
    private var isShared = false
    /// What a turn finds it puts right in that turn, unless it first awaits a stop that has triggered, or a mark.
    private let longest = Span.seconds(3)
    private let longestBusy = Span.seconds(12)

    init(prefix: String, _ rules: ProtectionRules) {
        self.prefix = prefix
        keepAfterVanish = rules.keepAfterVanish
    }

    mutating func published(_ stamped: StampedFact) {
        switch stamped.fact {
        case .started:
            hasLooked = false
            spareSince.removeAll()
        case .sharing(.found): isShared = true
        case .operatorCommanded(.resolveSharing):
            isShared = false
            spareSince.removeAll()
        case .roundConcluded: hasLooked = true
        case .positionCorrected(let correction): vanishedAt[correction.symbol] = stamped.at
        default: break
        }
    }

    /// The process is dead: what it had left over waits for its next start.
    mutating func died() {
        hasLooked = false
        spareSince.removeAll()
    }

    /// A second has passed.
    mutating func ticked(_ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        guard hasLooked else { return }
        for (id, symbol) in book.live {
            guard let story = book.orders[id], story.ticket.role.isConditional, story.standing == .resting,
                story.isWanted, !story.isTriggered, id.text.hasPrefix(prefix),
                let why = whySpare(story, symbol, book, sight)
            else {
                spareSince[id] = nil
                continue
            }
            let since = spareSince[id] ?? sight.now
            spareSince[id] = since
            guard sight.now - since > (why.isFlat ? longest : longestBusy) else { continue }
            spareSince[id] = nil
            let kind = story.ticket.role.rawValue
            findings.breach("I-10", sight.now, "\(kind) \(id) of \(symbol) stays on the book \(why.text)")
        }
    }

    private func whySpare(
        _ story: PublishedBook.OrderStory,
        _ symbol: Symbol,
        _ book: PublishedBook,
        _ sight: Sight
    ) -> (isFlat: Bool, text: String)? {
        let holding = sight.holdings[symbol]
        guard let holding, let side = holding.position.closingSide, let openedAt = holding.openedAt else {
            let isSettled = vanishedAt[symbol].map { sight.now - $0 > keepAfterVanish } ?? true
            let isOpen = book.liveOrders(symbol).contains { $0.isUnresolved && !$0.ticket.role.isConditional }
            return isSettled && !isOpen && !isShared && book.flattens.isEmpty
                ? (true, "where nothing is held") : nil
        }
        guard story.ticket.role == .stop, !holding.isLeftAlone, sight.marks[symbol] != nil else { return nil }
        if story.ticket.side != side { return (false, "on the wrong side") }
        guard story.ticket.extent != .wholePosition, let plan = holding.plan else { return nil }
        let isCovered = book.stops(symbol, closing: side, since: openedAt).contains {
            $0.ticket.extent == .wholePosition && $0.standing == .resting && $0.isWanted && !$0.isTriggered
                && $0.ticket.pricing == .stopMarket(trigger: plan.trigger)
        }
        return isCovered ? (false, "beside the stop that it was to bridge") : nil
    }
}
