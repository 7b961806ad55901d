import ReckonEngine
import ReckonExchange
import ReckonModel

/// Something that a strategy or an operator should not have asked for; what is right to answer is the checkers' business.
struct Mistake: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case sameBody = "same body"
        case otherSize = "other size"
        case otherSide = "other side"
        case otherStop = "other stop"
        case exitUnderKey = "exit under an entry's key"
        case offTick = "off tick"
        case farPrice = "far price"
        case offStep = "off step"
        case noSize = "no size"
        case hugeSize = "huge size"
        case tinySize = "tiny size"
        case stopAhead = "stop ahead"
        case takeProfitOffTick = "take-profit off tick"
        case tooOld = "too old"
        case unsure = "unsure"
        case noLeverage = "no leverage"
        case noLifetime = "no lifetime"
        case longLifetime = "long lifetime"
        case unknownSymbol = "unknown symbol"
        case noKey = "no key"
        case longKey = "long key"
        case exitOffStep = "exit off step"
        case exitOfDust = "exit of dust"
        case exitDown = "exit down to"
        case exitFarLimit = "exit at a limit off tick"
        case protectNothing = "protect with nothing"
        case protectAhead = "protect at a stop ahead"
        case amendUnknown = "amend unknown"
        case amendOffTick = "amend off tick"
        case amendToNothing = "amend to nothing"
        case withdrawUnknown = "withdraw unknown"
        case noReason = "command without reason"
        case resume = "resume"
        case needlessRelease = "release of no flatten"
        case needlessResolve = "resolve of nobody"
    }

    let at: Instant
    /// Which of the jobs it follows.
    let job: Int
    let kind: Kind
    let key: String
    let dice: Dice

    /// From dice of its own, so that it shifts no draw of the rest.
    init?(after job: Workload.Job, _ index: Int, _ plan: WorkloadPlan, _ draws: Draws) {
        var dice = draws.dice("mistake", job.entry.key)
        guard dice.chance(plan.mistakes.numerator, in: plan.mistakes.denominator) else { return nil }
        at = job.at + Span(nanoseconds: dice.roll(in: 100_000_000...40_000_000_000))
        kind = Kind.allCases[Int(dice.roll(below: UInt64(Kind.allCases.count)))]
        key = "m-\(job.entry.key)"
        self.job = index
        self.dice = dice
    }
}

extension World {
    mutating func makeMistake(_ mistake: Mistake, ticket: Int64) {
        guard let input = input(of: mistake, ticket) else { return }
        answers[ticket] = nil
        turn(input)
        guard let answer = answers[ticket] else { return }
        trace.note(now, "mistake \(mistake.kind.rawValue): \(World.text(answer))")
        conduct.note("answers mistake", at: now - start, "\(mistake.kind.rawValue) \(World.text(answer))")
    }

    private func input(of mistake: Mistake, _ ticket: Int64) -> Input? {
        guard engine != nil else { return nil }
        let key = workload.jobs[mistake.job].entry.key
        switch mistake.kind {
        case .amendUnknown:
            return .amendment(Amendment(.key(mistake.key), price: Price(units: 1)), ticket: ticket)
        case .amendOffTick:
            return .amendment(Amendment(.key(key), price: offTick(mistake)), ticket: ticket)
        case .amendToNothing: return .amendment(Amendment(.key(key), quantity: .zero), ticket: ticket)
        case .withdrawUnknown: return .cancellation(key: mistake.key, ticket: ticket)
        case .noReason: return .command(.halt(reason: ""), ticket: ticket)
        case .resume: return .command(.resume(reason: "by mistake"), ticket: ticket)
        case .needlessRelease:
            let scope = CommandScope.symbol(workload.jobs[mistake.job].entry.symbol)
            return .command(.releaseFlatten(scope, reason: "by mistake"), ticket: ticket)
        case .needlessResolve: return .command(.resolveSharing(reason: "by mistake"), ticket: ticket)
        default:
            guard let intent = exit(of: mistake) ?? protect(of: mistake) ?? entry(of: mistake) else {
                return nil
            }
            return .intent(Submission(intent: intent, ticket: ticket))
        }
    }

    private func exit(of mistake: Mistake) -> Intent? {
        let entry = workload.jobs[mistake.job].entry
        guard let instrument = exchange.markets[entry.symbol.instrument]?.instrument else { return nil }
        var exit = ExitIntent(key: mistake.key, symbol: entry.symbol)
        switch mistake.kind {
        case .exitUnderKey: exit.key = entry.key
        case .exitOffStep: exit.extent = .reduce(by: instrument.stepSize + Quantity(units: 1))
        case .exitOfDust: exit.extent = .reduce(by: Quantity(units: 1))
        case .exitDown: exit.extent = .down(to: instrument.minQuantity + instrument.stepSize)
        case .exitFarLimit:
            exit.pricing = .limit(offTick(mistake), .goodTillCancel)
            exit.extent = .reduce(by: instrument.minQuantity)
        default: return nil
        }
        return .exit(exit)
    }

    private func protect(of mistake: Mistake) -> Intent? {
        let symbol = workload.jobs[mistake.job].entry.symbol
        var protect = ProtectIntent(key: mistake.key, symbol: symbol)
        switch mistake.kind {
        case .protectNothing: return .protect(protect)
        case .protectAhead:
            protect.stop = .price(offTick(mistake))
            return .protect(protect)
        default: return nil
        }
    }

    /// The job's entry as it was asked for, changed where the mistake is one of bodies under a known key.
    private func entry(of mistake: Mistake) -> Intent? {
        let job = workload.jobs[mistake.job]
        var entry = jobStates[mistake.job].entry ?? job.entry
        switch mistake.kind {
        case .sameBody: break
        case .otherSize: entry.sizing = .notional(Notional(units: 77 * Notional.scale))
        case .otherSide where entry.symbol.leg == nil: entry.side = entry.side.opposite
        case .otherSide, .otherStop: entry.stop = .basisPoints(333)
        default: return newEntry(of: mistake, like: entry).map { .entry($0) }
        }
        return .entry(entry)
    }

    /// A new entry with one thing wrong.
    private func newEntry(of mistake: Mistake, like right: EntryIntent) -> EntryIntent? {
        guard let market = exchange.markets[right.symbol.instrument] else { return nil }
        var entry = right
        entry.key = mistake.key
        entry.issuedAt = now
        var dice = mistake.dice
        switch mistake.kind {
        case .offTick: entry.pricing = .limit(offTick(mistake), .goodTillCancel)
        case .farPrice:
            let share: Int64 = entry.side == .buy ? 12_000 : 8_000
            let price = market.mark.scaled(by: share, over: 10_000, rounding: .down)
            let tick = market.instrument.tickSize
            entry.pricing = .limit(price.rounded(.down, toMultipleOf: tick), .goodTillCancel)
        case .offStep: entry.sizing = .quantity(market.instrument.minQuantity + Quantity(units: 1))
        case .noSize: entry.sizing = dice.chance(1, in: 2) ? .quantity(.zero) : .notional(.zero)
        case .hugeSize:
            entry.sizing = .notional(Notional(units: scenario.maxNotional * 3 * Notional.scale))
            entry.mayResize = dice.chance(1, in: 2)
        case .tinySize: entry.sizing = .notional(Notional(units: 2 * Notional.scale))
        case .stopAhead:
            entry.stop = .price(market.mark.scaled(by: 3, over: entry.side == .buy ? 1 : 10, rounding: .down))
        case .takeProfitOffTick: entry.takeProfit = offTick(mistake)
        case .tooOld: entry.issuedAt = now - .seconds(dice.roll(in: 50...70))
        case .unsure: entry.confidence = Double(dice.roll(in: 0...8)) / 10
        case .noLeverage: entry.leverage = 0
        case .noLifetime: entry.lifetime = .zero
        case .longLifetime: entry.lifetime = .seconds(31 * 86_400)
        case .unknownSymbol: entry.symbol = Symbol("NOSUCHUSDT")
        case .noKey: entry.key = ""
        case .longKey: entry.key = String(repeating: "k", count: 129)
        default: return nil
        }
        return entry
    }

    /// A price beside the ticks, near the mark.
    private func offTick(_ mistake: Mistake) -> Price {
        let symbol = workload.jobs[mistake.job].entry.symbol
        guard let market = exchange.markets[symbol.instrument] else { return Price(units: 1) }
        return market.mark.rounded(.down, toMultipleOf: market.instrument.tickSize) + Price(units: 1)
    }
}
