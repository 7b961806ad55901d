import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-09: a list does not overrule what has changed since, nor does one absence.
struct FenceChecker {
    private let rules: FenceRules
    /// What was believed before the facts at hand.
    private var believed: Table<Symbol, Quantity> = Table()
    /// Since when, in the venue's time.
    private var believedSince: Table<Symbol, VenueInstant> = Table()
    /// Likewise by our own clock.
    private var changedAt: Table<Symbol, Instant> = Table()
    private var sightings: Table<DifferenceKey, Sighting> = Table()
    private var conclusion: RoundConclusion?
    /// When word of an order last came, by our own clock.
    private var heardAt = Lookup<ClientOrderID, Instant>()
    private var hasForgotten = false
    private let settle = Span.seconds(1)
    private let misses = 3
    private let grace = Span.seconds(8)
    private let overrideAfter = Span.seconds(10)

    /// How often in a row a difference of positions has been seen, and since when.
    private struct Sighting {
        let since: Instant
        var count = 0
        /// Those of them that no fence held back.
        var misses = 0
        var missedSince: Instant?
        /// Complete rounds at which a correction was overdue already.
        var overdue = 0
    }

    init(_ rules: FenceRules) { self.rules = rules }

    /// A correction that turns a right belief into a wrong one is a list believed too early.
    mutating func published(
        _ stamped: StampedFact,
        _ told: (book: PublishedBook, wire: WireLog),
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        if case .order(let id, _) = stamped.fact { heardAt[id] = stamped.at }
        if case .roundConcluded(let conclusion) = stamped.fact {
            conclude(conclusion, told.wire, stamped.at, &findings)
            checkMissing(conclusion, stamped.at, &findings)
            for difference in conclusion.differences where difference.isFenced {
                findings.coverage.note(.fenced, difference)
            }
        }
        guard case .positionCorrected(let correction) = stamped.fact else { return }
        findings.coverage.note(.corrected)
        checkGround(correction, told.book, stamped.at, &findings)
        let symbol = correction.symbol
        let held = sight.held(symbol)
        guard believed[symbol] ?? .zero == held, correction.quantity != held else { return }
        // What was true at some moment since is news, though it may be overtaken already.
        let since = believedSince[symbol] ?? sight.record.startsAt
        if sight.record.held(symbol, quantity: correction.quantity, since: since) { return }
        // Seen so often and so long a difference overrides the fence, lest anything be blocked for ever, and then a list that
        // is wrong for longer than the grace wins: by the rule and not by a slip. The truth cannot tell the two apart, so
        // this check is silent there, and `checkGround` counts sightings, grace and fence by what was published instead.
        if sight.listsUntrueFor >= rules.missGrace - .seconds(1) { return }
        findings.breach(
            "I-09",
            sight.now,
            "\(symbol): the right belief of \(held) was corrected to \(correction.quantity) (\(correction.kind.rawValue))"
        )
    }

    /// The engine has lost its last facts: what it believes now it has believed for a while, and nobody knows for how long.
    mutating func forget() {
        hasForgotten = true
        sightings = Table()
        changedAt = Table()
        heardAt.removeAll()
    }

    /// A fact that the disk still has, told anew.
    mutating func recall(_ stamped: StampedFact) {
        switch stamped.fact {
        case .roundConcluded(let conclusion): count(conclusion, stamped.at)
        case .positionCorrected(let correction): clear(correction.symbol)
        default: break
        }
    }

    private mutating func clear(_ symbol: Symbol) {
        for kind in FenceChecker.kinds { sightings[Difference(kind, symbol).key] = nil }
    }

    private mutating func count(_ conclusion: RoundConclusion, _ now: Instant) {
        var next: Table<DifferenceKey, Sighting> = conclusion.isComplete ? Table() : sightings
        for difference in conclusion.differences where FenceChecker.kinds.contains(difference.kind) {
            var sighting = sightings[difference.key] ?? Sighting(since: now)
            sighting.count += 1
            if !difference.isFenced {
                sighting.misses += 1
                sighting.missedSince = sighting.missedSince ?? now
            }
            next[difference.key] = sighting
        }
        sightings = next
    }

    /// After the turn: what is believed from now on.
    mutating func settled(_ sight: Sight, _ findings: inout Findings) {
        for index in sight.holdings.keys.indices {
            let quantity = sight.holdings.values[index].position.quantity
            // Both tables list the same symbols but for one not met before: no search while they do.
            if believed.count > index, believed.values[index] == quantity,
                believed.keys[index] == sight.holdings.keys[index]
            {
                continue
            }
            let symbol = sight.holdings.keys[index]
            guard believed[symbol] != quantity else { continue }
            // The first that is known of a symbol is no change of it.
            let isNews = believed[symbol] != nil || !quantity.isZero
            believed[symbol] = quantity
            guard isNews else { continue }
            if sight.listsUntrueFor > .zero { findings.coverage.note(.correctedFromStale) }
            believedSince[symbol] = sight.venueNow
            changedAt[symbol] = hasForgotten ? nil : sight.now
        }
        hasForgotten = false
    }

    private static let kinds: [Difference.Kind] = [.orphanPosition, .phantomPosition, .sizeDrift, .sideFlip]

    private mutating func conclude(
        _ conclusion: RoundConclusion,
        _ wire: WireLog,
        _ now: Instant,
        _ findings: inout Findings
    ) {
        self.conclusion = conclusion
        if conclusion.isComplete, wire.lists(of: conclusion.round) < 3 {
            findings.breach("I-09", now, "round \(conclusion.round) counts as complete and a list is missing")
        }
        count(conclusion, now)
        for (key, sighting) in sightings {
            // A closePosition stop that still rests speaks for its position for a minute.
            let longest: Span = key.kind == .phantomPosition ? .seconds(75) : .seconds(25)
            guard conclusion.isComplete, now - sighting.since > longest, sighting.count > 5 else { continue }
            sightings.update(key) { $0.overdue += 1 }
            // A venue that wanted not to be asked may have made it late; the first round after it corrects.
            guard sighting.overdue > 0 else { continue }
            findings.breach(
                "I-09",
                now,
                "\(key.symbol) has shown \(key.kind.rawValue) \(sighting.count) times and nothing was corrected"
            )
            sightings[key] = nil
        }
    }

    /// An order of which word came since, or just before, is not missed by a list.
    private func checkMissing(_ conclusion: RoundConclusion, _ now: Instant, _ findings: inout Findings) {
        for difference in conclusion.differences where difference.kind == .missingOrder {
            guard let id = difference.order, let heard = heardAt[id], heard > conclusion.askedAt - settle
            else {
                continue
            }
            let before = (conclusion.askedAt - heard).milliseconds
            findings.breach(
                "I-09",
                now,
                "order \(id) is missed, and word of it came \(before) ms before the question"
            )
        }
    }

    /// What the rule asks for before a list may overrule the belief, by what was published and told.
    private mutating func checkGround(
        _ correction: PositionCorrection,
        _ book: PublishedBook,
        _ now: Instant,
        _ findings: inout Findings
    ) {
        guard let conclusion else { return }
        let symbol = correction.symbol
        let key = Difference(correction.kind, symbol).key
        let sighting = sightings[key]
        clear(symbol)
        let age = sighting.map { now - $0.since } ?? .zero
        let count = sighting?.count ?? 0
        let isAbsence = correction.kind == .phantomPosition
        let changed = max(changedAt[symbol] ?? .epoch, book.fills[symbol]?.toldAt ?? .epoch)
        // Held back for so long, a difference overrides the fence; an absence only of what has stood as long.
        let hasStood = now - changed >= overrideAfter || age >= overrideAfter * 2
        let isFenced = conclusion.differences.contains { $0.key == key && $0.isFenced }
        if count >= misses, age >= overrideAfter, !isAbsence || (isFenced && hasStood) { return }
        let isUnsettled = book.liveOrders(symbol).contains {
            $0.isUnresolved && !$0.ticket.role.isConditional
        }
        func breach(_ why: String) {
            findings.breach("I-09", now, "\(symbol) was corrected to \(correction.quantity) \(why)")
        }
        if changed > conclusion.askedAt - settle {
            let before = (conclusion.askedAt - changed).milliseconds
            breach("though it had changed \(before) ms before the question")
        }
        if isUnsettled { breach("while an order on it was unresolved") }
        let absence = sighting?.missedSince.map { now - $0 } ?? .zero
        let seen = sighting?.misses ?? 0
        if isAbsence, seen < misses || absence < grace {
            breach("after \(seen) misses over \(absence.seconds) s")
        }
        if let shown = correction.asOf, let fill = book.fills[symbol], shown < fill.at {
            breach("by a row that is older than a fill")
        }
    }
}

extension ExchangeRecord {
    /// Whether a position was that large at a moment or later; what stood at that moment counts.
    fileprivate func held(_ symbol: Symbol, quantity: Quantity, since: VenueInstant) -> Bool {
        for row in positions.reversed() where row.symbol == symbol {
            if row.quantity == quantity { return true }
            if row.at < since { return false }
        }
        return quantity.isZero
    }
}

extension Coverage {
    /// Fenced differences of positions and orders count; a list that did not come is fenced by nothing.
    fileprivate mutating func note(_ mark: Mark, _ difference: Difference) {
        if difference.kind != .evidenceFailure { note(mark) }
    }
}
