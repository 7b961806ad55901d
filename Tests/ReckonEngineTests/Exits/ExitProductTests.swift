import ReckonEngine
import ReckonModel
import Testing

/// I-03 over a product: whatever an entry can be refused for × whatever reduces.
@Suite("Exits, stops and take-profits under every refusal that an entry can meet")
struct ExitProductTests {
    enum Trouble: Int, CaseIterable {
        case halt
        case red
        case killSwitch
        case cooldown
        case budget
        case stale
        case doubt
        case naked
        case dust
        case throttled
        case restored
        case exitsOnly
        case overdue
        case policyFault
        case journalDown
        /// The venue says that all of the request weight is used, by whomever.
        case spent
        case accountShared
    }

    enum Kind: CaseIterable {
        case close
        case partial
        case stop
        case takeProfit

        var role: OrderRole {
            switch self {
            case .close, .partial: .exit
            case .stop: .stop
            case .takeProfit: .takeProfit
            }
        }
    }

    static var symbol: Symbol { EngineRig.symbol }

    /// No trouble, each alone, each pair, all but one, all, and a seeded sample of the rest.
    static let sets: [[Trouble]] = {
        let all = Trouble.allCases
        var sets: [[Trouble]] = [[], all]
        for (index, one) in all.enumerated() {
            sets.append([one])
            sets.append(all.filter { $0 != one })
            for other in all[(index + 1)...] { sets.append([one, other]) }
        }
        var dice = Dice(seed: 3)
        for _ in 0..<150 { sets.append(all.filter { _ in dice.chance(1, in: 2) }) }
        return sets
    }()

    static func knobs(_ troubles: [Trouble], _ limits: GuardLimits) -> Knobs {
        var knobs = Knobs(mode: .green, allowEntries: true, limits: limits)
        if troubles.contains(.red) {
            knobs.mode = .red
            knobs.allowEntries = false
        }
        knobs.killSwitchTrip = troubles.contains(.killSwitch)
        if troubles.contains(.cooldown) { knobs.entryCooldownSeconds = 10_000 }
        if troubles.contains(.budget) {
            knobs.maxNotional = 1
            knobs.maxLeverage = 1
            knobs.maxOpenOrdersPerSymbol = 0
        }
        return knobs
    }

    static func rig(in troubles: [Trouble]) -> EngineRig {
        var rig = EngineRig.open { $0.guardSettings.haltOnRed = false }
        if troubles.contains(.dust) {
            rig.positions = [rig.position("0.01")]
            rig.advance(by: .seconds(6))
            for stop in rig.takePlacements() { rig.step(.placed(stop, .success(rig.report(stop, .new)))) }
        } else {
            _ = rig.openLong("1")
        }
        if troubles.contains(.doubt) {
            rig.submit(.entry(entry("d", "1", pricing: .limit(price("99"), .goodTillCancel))))
            for sent in rig.takePlacements() { rig.step(.placed(sent, .failure(.unknown("timeout")))) }
        }
        let limits = rig.configuration.limits
        let fault = PolicyFault(code: .error, message: "made to fail")
        rig.policy = { _ in
            troubles.contains(.policyFault) ? .failure(fault) : .success(knobs(troubles, limits))
        }
        if troubles.contains(.accountShared) {
            rig.openOrders = [SharingTests.report("rk-zz-e1-i1-1", rig)]
        }
        rig.advance(by: .seconds(troubles.contains(.policyFault) ? 20 : 6))
        if troubles.contains(.stale) {
            rig.positions = nil
            rig.advance(by: .seconds(40))
        }
        if troubles.contains(.exitsOnly) { rig.answersRounds = false }
        if troubles.contains(.restored) || troubles.contains(.exitsOnly) { rig.crashAndRestart() }
        if troubles.contains(.naked) {
            for stop in rig.engine.state.liveOrders(symbol) where stop.ticket.role == .stop {
                rig.step(.report(rig.report(stop.ticket, .cancelled)))
            }
        }
        if troubles.contains(.halt) { rig.command(.halt(reason: "drill")) }
        if troubles.contains(.journalDown) { rig.step(.journal(.failed("disk full"))) }
        if troubles.contains(.spent) { spendAll(&rig) }
        if troubles.contains(.throttled) {
            let query = OrderQuery(
                id: ClientOrderID("rk-t1-e1-z1-1"),
                symbol: symbol,
                endpoint: .order,
                askedAt: rig.now
            )
            let limited = VenueFailure(
                .retryable,
                code: -1003,
                message: "Too many requests.",
                retryAfter: .seconds(5),
                stopsAllRequests: true
            )
            rig.step(.queried(query, .failure(limited)))
        }
        rig.actions.removeAll()
        return rig
    }

    private static func spendAll(_ rig: inout EngineRig) {
        var usage = RateUsage()
        usage.weightThisMinute = RateLimits().weightPerMinute
        usage.ordersThisMinute = RateLimits().ordersPerMinute
        usage.ordersTheseTenSeconds = RateLimits().ordersPerTenSeconds
        rig.step(.rates(.usage(usage)))
    }

    static func wish(_ kind: Kind, _ rig: EngineRig, _ troubles: [Trouble]) -> Intent {
        let held = rig.held
        switch kind {
        case .close, .partial:
            var exit = ExitIntent(key: "x", symbol: symbol)
            if kind == .partial { exit.extent = .reduce(by: Quantity(units: held.units / 2)) }
            if troubles.contains(.overdue) { exit.lifetime = .milliseconds(1) }
            return .exit(exit)
        case .stop: return .protect(ProtectIntent(key: "p", symbol: symbol, stop: .price(price("95"))))
        case .takeProfit:
            return .protect(ProtectIntent(key: "p", symbol: symbol, takeProfit: price("120")))
        }
    }

    @Test("each leaves in the turn it is asked for, or as soon as the venue's own wait is over")
    func product() {
        #expect(ExitProductTests.sets.count > 310)
        for troubles in ExitProductTests.sets {
            let start = ExitProductTests.rig(in: troubles)
            // A restart, small change and an overdue exit close nothing; an adopted position had no entry to cool down from.
            let harmless: [Trouble] =
                [.dust, .restored, .overdue] + (troubles.contains(.dust) ? [.cooldown] : [])
            var entries = start
            let answer = entries.submit(.entry(entry("n", "0.1")))
            let isSent = entries.takePlacements().contains { $0.ticket.role == .entry }
            if case .accepted = answer, troubles.contains(where: { !(harmless + [.spent]).contains($0) }) {
                Issue.record("an entry was accepted in \(troubles)")
            }
            #expect(!(isSent && troubles.contains(.spent)), "an entry went past the budget in \(troubles)")
            for kind in Kind.allCases { leaves(kind, from: start, troubles) }
        }
    }

    private func leaves(_ kind: Kind, from start: EngineRig, _ troubles: [Trouble]) {
        var rig = start
        let held = rig.held
        guard case .accepted = rig.submit(ExitProductTests.wish(kind, rig, troubles)) else {
            Issue.record("\(kind) refused in \(troubles)")
            return
        }
        var sent = rig.takePlacements().filter { $0.ticket.role == kind.role }
        if troubles.contains(.throttled) {
            #expect(sent.isEmpty, "\(kind) went out against the venue's wait in \(troubles)")
            rig.advance(by: .milliseconds(5_100))
            sent = rig.takePlacements().filter { $0.ticket.role == kind.role }
        }
        #expect(sent.count >= 1, "\(kind) did not go out in \(troubles)")
        guard let first = sent.first else { return }
        if kind == .close { #expect(first.ticket.extent == .reducing(held), "\(troubles)") }
        if kind == .partial {
            #expect(first.ticket.extent == .reducing(Quantity(units: held.units / 2)), "\(troubles)")
        }
        guard kind.role == .exit, troubles.contains(.overdue) else { return }
        // Past its deadline an exit that was refused goes on all the same.
        rig.step(.placed(first, .failure(VenueFailure(.fatal, code: -1, message: "no"))))
        rig.advance(by: .seconds(3))
        let again = rig.takePlacements().filter { $0.ticket.role == .exit }
        #expect(!again.isEmpty, "\(kind) was given up past its deadline in \(troubles)")
    }
}
