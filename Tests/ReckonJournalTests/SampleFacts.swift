import ReckonEngine
import ReckonModel

/// Random facts of every kind, drawn from one seed.
struct SampleFacts {
    var dice: Dice
    private var number: Int64 = 0
    private var now = Instant(nanoseconds: 1_700_000_000_000_000_000)

    init(seed: UInt64) { dice = Dice(seed: seed) }

    /// The next fact in number and time.
    mutating func next() -> StampedFact { stamped(fact()) }

    mutating func batch(_ count: Int) -> [StampedFact] { (0..<count).map { _ in next() } }

    mutating func stamped(_ fact: Fact) -> StampedFact {
        number += 1
        now = now + Span(nanoseconds: dice.roll(in: 0...5_000_000_000))
        return StampedFact(number: number, at: now, fact: fact)
    }

    /// Any fact, legal in a story or not.
    mutating func fact() -> Fact {
        switch dice.roll(below: 30) {
        case 0: .started(OrderIdentity(engine: "e1", epoch: text(8)))
        case 1: .instrumentsLoaded((0..<dice.roll(below: 4)).map { _ in instrument() })
        case 2: .intentAccepted(acceptance(IntentID(dice.roll(in: 1...40))))
        case 3: .intentRefused(key: text(20), refusal())
        case 4: .intentWithdrawn(intentID())
        case 5: .exitOverdue(intentID())
        case 6: .exitSeriesEnded(intentID())
        case 7: .intentEnded(intentID(), end())
        case 8: .orderPlanned(ticket(orderID()), intent: maybe { $0.intentID() }, generation: count(9))
        case 9: .orderAdopted(ticket(orderID()), report(orderID()))
        case 10...14: .order(orderID(), orderFact())
        case 15: .positionCorrected(correction())
        case 16: .coverPlanned(cover())
        case 17: .coverFailed(symbol(), text(30))
        case 18: .roundConcluded(conclusion())
        case 19: flip() ? settingFact() : forcedClose()
        case 20: .policyLoaded(identity())
        case 21: .verdictEnforced(enforcement())
        case 22:
            .operatorCommanded(dice.chance(1, in: 2) ? .halt(reason: text(20)) : .resume(reason: text(20)))
        case 23: dice.chance(1, in: 2) ? .journalLatched(text(20)) : .journalRecovered
        case 24: .flatten(flip() ? .account : .symbol(symbol()), .closing(symbol()))
        case 25: .sharing(.found(orderID(), symbol(), .foreignEpoch))
        case 26: .replacement(intentID(), .gaveUp(text(20)))
        case 27: .policyChanged(policyChange())
        case 28: .shadowCompared(shadowTally())
        default: .countdownFired(symbol(), orderID())
        }
    }

    mutating func orderFact() -> OrderFact {
        switch dice.roll(below: 15) {
        case 0:
            .submitted(attempt: count(9), timestamp: venueTime(), window: .milliseconds(Int64(count(9_000))))
        case 1: .setBack(failure())
        case 2: .doubted(text(40))
        case 3: .asked
        case 4: .notFound(conclusive: flip())
        case 5: .absentFromHistory
        case 6: .reported(report(orderID()))
        case 7: .cancelWanted
        case 8: .cancelSent(attempt: count(9))
        case 9: .refused(failure())
        case 10: .lapsed
        case 11: .gaveUp(text(30))
        case 12: .cancelSeriesEnded(attempts: count(9))
        case 13: .duplicateAnswered
        default: .abandoned(pick(Refusal.Rule.allCases))
        }
    }
}

// MARK: - Parts

extension SampleFacts {
    mutating func flip() -> Bool { dice.chance(1, in: 2) }

    mutating func count(_ bound: Int) -> Int { Int(dice.roll(in: 0...Int64(bound))) }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int(dice.roll(below: UInt64(values.count)))]
    }

    mutating func maybe<Value>(_ value: (inout SampleFacts) -> Value) -> Value? {
        flip() ? value(&self) : nil
    }

    /// Text of all sorts: quotes, controls, other scripts, characters beyond the basic plane.
    mutating func text(_ bound: Int) -> String {
        let alphabet: [Character] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{0}", "\u{7F}", "é", "東", "🧭", "\u{1F}",
        ]
        return String((0..<count(bound)).map { _ in pick(alphabet) })
    }

    /// Any figure that may stand in JSON as a number, the awkward ones included.
    mutating func figure() -> Double {
        switch dice.roll(below: 6) {
        case 0: 0
        case 1: Double(dice.roll(in: -1_000...1_000))
        case 2: 0.1 + 0.2
        case 3: Double(dice.next()) / 1e9
        case 4: Double.leastNonzeroMagnitude
        default: Double(bitPattern: dice.next() & 0x7FDF_FFFF_FFFF_FFFF)
        }
    }

    mutating func symbol() -> Symbol { pick([Symbol("BTCUSDT"), Symbol("ETHUSDT"), Symbol("SOLUSDT")]) }

    mutating func intentID() -> IntentID { IntentID(dice.roll(in: 1...40)) }

    mutating func orderID() -> ClientOrderID { ClientOrderID("rk-e1-ep-i\(count(30))-\(count(3))") }

    mutating func price() -> Price { Price(units: dice.roll(in: 1...9_000_000_000_000)) }

    mutating func quantity() -> Quantity { Quantity(units: dice.roll(in: 0...50_000_000_000)) }

    mutating func venueTime() -> VenueInstant {
        VenueInstant(milliseconds: dice.roll(in: 1_700_000_000_000...1_800_000_000_000))
    }

    mutating func instant() -> Instant { Instant(nanoseconds: dice.roll(in: .min / 4 ... .max / 4)) }

    mutating func instrument() -> Instrument {
        var instrument = Instrument(
            symbol: symbol(),
            tickSize: price(),
            stepSize: quantity(),
            minQuantity: quantity(),
            maxQuantity: quantity(),
            minNotional: Notional(units: dice.roll(in: .min ... .max))
        )
        instrument.isTrading = flip()
        return instrument
    }

    mutating func refusal() -> Refusal {
        Refusal(
            pick(Refusal.Rule.allCases),
            symbol: maybe { $0.symbol() },
            found: text(20),
            allowed: text(20)
        )
    }

    mutating func end() -> IntentEnd {
        IntentEnd(pick(IntentEnd.Kind.allCases), executed: quantity(), detail: text(20))
    }

    mutating func pricing() -> Pricing {
        switch dice.roll(below: 4) {
        case 0: .market
        case 1: .limit(price(), pick(TimeInForce.allCases))
        case 2: .stopMarket(trigger: price())
        default: .takeProfitMarket(trigger: price())
        }
    }

    mutating func ticket(_ id: ClientOrderID) -> OrderTicket {
        OrderTicket(
            id: id,
            symbol: symbol(),
            role: pick(OrderRole.allCases),
            side: pick(Side.allCases),
            extent: pick([.opening(quantity()), .reducing(quantity()), .wholePosition]),
            pricing: pricing()
        )
    }

    mutating func report(_ id: ClientOrderID) -> OrderReport {
        var report = OrderReport(
            id: id,
            venueID: VenueOrderID(dice.roll(in: 1 ... .max)),
            symbol: symbol(),
            side: pick(Side.allCases),
            status: pick(VenueOrderStatus.allCases),
            isConditional: flip(),
            quantity: quantity(),
            executed: quantity(),
            updatedAt: venueTime()
        )
        report.averagePrice = price()
        report.childID = maybe { VenueOrderID($0.dice.roll(in: 1...9)) }
        report.createdAt = maybe { $0.venueTime() }
        report.reason = maybe { $0.text(20) }
        return report
    }

    mutating func failure() -> VenueFailure {
        let outcomes: [OutcomeClass] =
            [.retryable, .doubt, .fatal]
            + OutcomeClass.Modification.allCases.map { .retryableWith($0) }
            + OutcomeClass.Settled.allCases.map { .idempotentSafe($0) }
        return VenueFailure(
            pick(outcomes),
            code: Int(dice.roll(in: -5_000...599)),
            message: text(40),
            retryAfter: maybe { Span(nanoseconds: $0.dice.roll(in: .min ... .max)) },
            stopsAllRequests: flip()
        )
    }

    mutating func stop() -> StopDistance {
        switch dice.roll(below: 3) {
        case 0: .basisPoints(Int64(count(10_000)))
        case 1: .price(price())
        default: .averageTrueRange(price(), hundredths: Int64(count(1_000)))
        }
    }

    mutating func intent() -> Intent {
        let key = text(12) + "\(dice.next())"
        switch dice.roll(below: 3) {
        case 0:
            let sizing: Sizing =
                flip() ? .quantity(quantity()) : .notional(Notional(units: dice.roll(in: 0 ... .max)))
            var entry = EntryIntent(
                key: key,
                symbol: symbol(),
                side: pick(Side.allCases),
                sizing: sizing,
                pricing: pricing()
            )
            entry.confidence = figure()
            entry.stop = maybe { $0.stop() }
            entry.takeProfit = maybe { $0.price() }
            entry.leverage = maybe { $0.count(125) }
            entry.issuedAt = maybe { $0.instant() }
            return .entry(entry)
        case 1:
            let extents: [ExitExtent] = [.close, .reduce(by: quantity()), .down(to: quantity())]
            return .exit(ExitIntent(key: key, symbol: symbol(), extent: pick(extents), pricing: pricing()))
        default:
            return .protect(
                ProtectIntent(
                    key: key,
                    symbol: symbol(),
                    stop: maybe { $0.stop() },
                    takeProfit: maybe { $0.price() }
                )
            )
        }
    }

    mutating func acceptance(_ id: IntentID) -> IntentAcceptance {
        IntentAcceptance(
            id: id,
            correlation: CorrelationID("c-\(id)"),
            intent: intent(),
            quantity: quantity(),
            target: quantity(),
            origin: maybe { $0.text(10) }
        )
    }

    mutating func correction() -> PositionCorrection {
        var correction = PositionCorrection(
            symbol: symbol(),
            kind: pick(Difference.Kind.allCases),
            quantity: flip() ? quantity() : -quantity(),
            entryPrice: price(),
            asOf: maybe { $0.venueTime() }
        )
        correction.origin = pick(DriftOrigin.allCases)
        correction.isLeftAlone = flip()
        return correction
    }

    mutating func cover() -> CoverPlan {
        CoverPlan(
            symbol: symbol(),
            side: pick(Side.allCases),
            trigger: price(),
            takeProfit: maybe { $0.price() }
        )
    }

    mutating func conclusion() -> RoundConclusion {
        var seen = RoundConclusion.Seen()
        seen.differences = (0..<count(4)).map { _ in
            Difference(
                pick(Difference.Kind.allCases),
                symbol(),
                order: maybe { $0.orderID() },
                isFenced: flip()
            )
        }
        seen.confirmed = (0..<count(3)).map { _ in symbol() }
        seen.settingsShown = (0..<count(3)).map { _ in symbol() }
        seen.compared = count(9)
        seen.contradicted = count(9)
        return RoundConclusion(Int64(count(1_000)), askedAt: instant(), isComplete: flip(), seen)
    }

    mutating func forcedClose() -> Fact {
        var forced = report(ClientOrderID("autoclose-\(count(99))"))
        forced.executed = Quantity(units: dice.roll(in: 1...9_000))
        return ForcedClose(forced).map { .positionForced($0) } ?? .pauseAsked(until: instant())
    }

    /// What a round does about settings and repairs.
    mutating func settingFact() -> Fact {
        switch dice.roll(below: 6) {
        case 0: .leverageKnown(symbol(), count(125))
        case 1: .leverageWished(symbol(), count(125))
        case 2: .marginModeKnown(symbol(), isIsolated: flip())
        case 3: .repairMade(symbol(), pick(RepairKind.allCases))
        case 4: .repairSeriesEnded(symbol(), pick(RepairKind.allCases))
        default: .pauseAsked(until: instant())
        }
    }
}

// MARK: - Verdicts

extension SampleFacts {
    static let limits = GuardLimits(
        maxNotional: 5_000,
        maxLeverage: 10,
        minEntryConfidence: 0.5,
        entryCooldownSeconds: 5,
        maxOpenOrdersPerSymbol: 4
    )

    static let configuration = EngineConfiguration(
        engineID: "e1",
        symbols: [Symbol("BTCUSDT"), Symbol("ETHUSDT"), Symbol("SOLUSDT")],
        limits: limits
    )

    mutating func knobs() -> Knobs {
        var knobs = Knobs(mode: pick(GuardMode.allCases), allowEntries: flip(), limits: SampleFacts.limits)
        knobs.maxNotional = figure()
        knobs.notes.reason = text(30)
        knobs.notes.debtScore = maybe { $0.figure() }
        if flip() {
            var own = SymbolKnobs()
            own.maxNotional = maybe { $0.figure() }
            own.allowEntries = maybe { $0.flip() }
            knobs.symbols[symbol()] = own
        }
        return knobs
    }

    mutating func belief() -> Belief {
        var belief = Belief()
        belief.debtSeconds = abs(figure())
        belief.debtSymbols = count(3)
        belief.confidence = figure()
        belief.symbols = (0..<count(3)).map { _ in
            SymbolDebt(symbol: symbol(), debtSeconds: abs(figure()), mismatches: count(9), kind: text(8))
        }
        return belief
    }

    mutating func enforcement() -> Enforcement {
        let fault = PolicyFault(code: pick(PolicyFault.Code.allCases), message: text(30))
        let verdict = PolicyVerdict(
            tick: Int64(count(1_000_000)),
            policyDigest: text(64),
            answer: flip() ? .success(knobs()) : .failure(fault),
            instructions: Int64(count(1_000_000)),
            stateDigest: text(64)
        )
        let keeper = Guard(limits: SampleFacts.limits, settings: GuardSettings())
        return keeper.decide(verdict, belief: belief(), at: instant())
    }

    private mutating func identity() -> PolicyIdentity {
        PolicyIdentity(name: text(8), version: text(5), digest: text(64), revision: maybe { $0.count(9) })
    }

    private mutating func policyChange() -> PolicyChange {
        let outcome: PolicyChange.Outcome =
            switch dice.roll(below: 3) {
            case 0: .swapped(PolicyHandover(.reinitialised, why: text(20)))
            case 1: .unchanged
            default: .refused(PolicyRefusal(code: text(8), file: text(8), line: count(9), message: text(40)))
            }
        return PolicyChange(
            .rollback,
            reason: text(20),
            from: identity(),
            to: maybe { $0.identity() },
            outcome: outcome
        )
    }

    private mutating func shadowTally() -> ShadowTally {
        var tally = ShadowTally(identity(), champion: text(64), reason: text(20))
        tally.compared = dice.roll(in: 0...99)
        tally.knobs["mode"] = ShadowTally.Count()
        return tally
    }
}
