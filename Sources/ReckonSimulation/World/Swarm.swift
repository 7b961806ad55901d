import ReckonEngine
import ReckonModel

extension Scenario {
    /// The world of one seed: this very one, or for a swarm one drawn within its bounds.
    ///
    /// Of the faults about a third are switched off entirely, so that their absence is met as well as their crowd.
    package func drawn(by seed: UInt64) -> Scenario {
        guard isSwarm else { return isHedged ? inLegs : self }
        var world = self
        var dice = Draws(seed: seed).dice("swarm", name)
        world.isSwarm = false
        for fault in RequestFault.allCases { world.faults[fault] = thinned(faults[fault], &dice) }
        for fault in AmbientFault.allCases where !fault.isDrawnApart {
            world.faults[fault] = thinned(faults[fault], &dice)
        }
        for fault in AmbientFault.allCases where fault.isDrawnApart {
            var own = Draws(seed: seed).dice("swarm \(fault.rawValue)", name)
            world.faults[fault] = thinned(faults[fault], &own)
        }
        var moves = Draws(seed: seed).dice("swarm moves", name)
        if workload.moves.numerator > 0 { world.workload.moves = Ratio(moves.roll(below: 3), in: 4) }
        world.symbols = Array(symbols.prefix(Int(dice.roll(in: 1...Int64(symbols.count)))))
        world.workload.entryEvery = .seconds(dice.roll(in: 10...120))
        world.workload.maxHold = .seconds(dice.roll(in: 5...240))
        world.workload.limits = Ratio(dice.roll(below: 4), in: 4)
        world.workload.partialExits = Ratio(dice.roll(below: 3), in: 4)
        world.network.typical = .milliseconds(dice.roll(in: 5...150))
        world.network.slowest = .milliseconds(dice.roll(in: 300...2_400))
        world.balance = [250, 2_000, 10_000][Int(dice.roll(below: 3))]
        world.maxNotional = [300, 1_000, 2_000][Int(dice.roll(below: 3))]
        world.faults.jumpBasisPoints = [100, 400, 1_500][Int(dice.roll(below: 3))]
        // Drawn last, so that seeds from before there was such a thing keep their worlds.
        world.faults[.settingsChanged] = thinned(faults[.settingsChanged], &dice)
        world.weightPerMinute = [2_400, 2_400, 1_200, 600][Int(dice.roll(below: 4))]
        world.drawCommands(seed)
        var legs = Draws(seed: seed).dice("swarm hedged", name)
        return isHedged || legs.chance(1, in: 5) ? world.inLegs : world
    }

    /// What came later, each from dice of its own.
    private mutating func drawCommands(_ seed: UInt64) {
        var countdown = Draws(seed: seed).dice("swarm dead man", name)
        let isWatched = deadMan > .zero && countdown.chance(1, in: 3)
        deadMan = isWatched ? [.seconds(8), .seconds(20), deadMan][Int(countdown.roll(below: 3))] : .zero
        var amending = Draws(seed: seed).dice("swarm amends", name)
        if workload.amends.numerator > 0 { workload.amends = Ratio(amending.roll(below: 3), in: 6) }
        var slicing = Draws(seed: seed).dice("swarm most at market", name)
        if mostAtMarket > 0 {
            mostAtMarket = [0, 0, 0, mostAtMarket / 2, mostAtMarket][Int(slicing.roll(below: 5))]
        }
        var withdrawing = Draws(seed: seed).dice("swarm withdrawals", name)
        if workload.withdrawals.numerator > 0 {
            workload.withdrawals = Ratio(withdrawing.roll(below: 3), in: 12)
        }
    }

    /// The same world with a long and a short book for each instrument.
    private var inLegs: Scenario {
        var world = self
        world.isHedged = true
        world.symbols = symbols.flatMap { symbol in
            symbol.leg == nil ? Leg.allCases.map { symbol.leg($0) } : [symbol]
        }
        return world
    }

    private func thinned(_ ratio: Ratio, _ dice: inout Dice) -> Ratio {
        let isOff = dice.chance(1, in: 3)
        let factor = dice.roll(in: 1...6)
        return isOff || ratio.numerator == 0
            ? .never : Ratio(ratio.numerator, in: ratio.denominator * UInt64(factor))
    }

    private func thinned(_ pace: FaultPace, _ dice: inout Dice) -> FaultPace {
        let isOff = dice.chance(1, in: 3)
        let factor = dice.roll(in: 1...4)
        return isOff ? FaultPace() : FaultPace(every: pace.every * factor, longest: pace.longest)
    }

    /// Every option of the world, one a line, for the head of a trace.
    package var options: [String] {
        var lines = [
            "scenario \(name)", "symbols \(symbols.map(\.name).joined(separator: " "))",
            "length_sec \(length.seconds)", "rest_within_sec \(restWithin.seconds)", "balance \(balance)",
            "max_notional \(maxNotional)", "most_at_market \(mostAtMarket)",
            "weight_per_minute \(weightPerMinute)",
            "entry_every_sec \(workload.entryEvery.seconds)",
            "max_hold_sec \(workload.maxHold.seconds)",
            "entries \(workload.minNotional)-\(workload.maxNotional) limits \(workload.limits.text) "
                + "take_profits \(workload.takeProfits.text) partial_exits \(workload.partialExits.text) "
                + "moves \(workload.moves.text)",
            "amends \(workload.amends.text) withdrawals \(workload.withdrawals.text) "
                + "dead_man_sec \(deadMan.seconds)",
            "latency_ms \(network.typical.milliseconds)-\(network.slowest.milliseconds)",
            "timeout_ms \(network.timeout.milliseconds) clock_ms \(network.maxClockOffset.milliseconds)",
            "jump_bps \(faults.jumpBasisPoints)",
        ]
        lines += unusual
        for fault in RequestFault.allCases where faults[fault].numerator > 0 {
            lines.append("\(fault.rawValue) \(faults[fault].text)")
        }
        for fault in AmbientFault.allCases where faults[fault].every > .zero {
            let pace = faults[fault]
            lines.append("\(fault.rawValue) every \(pace.every.seconds) s, at most \(pace.longest.seconds) s")
        }
        return lines
    }
}

extension Scenario {
    /// What most worlds leave as it is, where this one does not; so the traces of those stay what they are.
    private var unusual: [String] {
        let plain = Scenario(name: name, symbols: symbols, length: length)
        var lines: [String] = []
        if rateLimits.ordersPerMinute != plain.ordersPerMinute
            || rateLimits.ordersPerTenSeconds != plain.ordersPerTenSeconds
        {
            lines.append("orders_per_minute \(ordersPerMinute) orders_per_ten_sec \(ordersPerTenSeconds)")
        }
        if ban != plain.ban { lines.append("ban_sec \(ban.seconds)") }
        if depth != plain.depth { lines.append("depth_usdt \(depth)") }
        if maxLeverage != plain.maxLeverage { lines.append("max_leverage \(maxLeverage)") }
        if mostOpenOrders != plain.mostOpenOrders { lines.append("most_open_orders \(mostOpenOrders)") }
        if let marginMode { lines.append("margin_mode \(marginMode.rawValue)") }
        if external != plain.external {
            let (positions, orders) = (external.positions.rawValue, external.orders.rawValue)
            lines.append("external_positions \(positions) external_orders \(orders)")
        }
        if workload.leverages.numerator > 0 { lines.append("leverages \(workload.leverages.text)") }
        if workload.repeatedWithdrawals.numerator > 0 {
            lines.append("repeated_withdrawals \(workload.repeatedWithdrawals.text)")
        }
        if workload.amendsAgain.numerator > 0 { lines.append("amends_again \(workload.amendsAgain.text)") }
        if workload.limitExits.numerator > 0 { lines.append("limit_exits \(workload.limitExits.text)") }
        if workload.movesAgain.numerator > 0 { lines.append("moves_again \(workload.movesAgain.text)") }
        if workload.mistakes.numerator > 0 { lines.append("mistakes \(workload.mistakes.text)") }
        if workload.lifetime != plain.workload.lifetime {
            lines.append("entry_lifetime_sec \(workload.lifetime.seconds)")
        }
        return lines
    }

    /// What the venue tells of its limits.
    var rateLimits: RateLimits {
        var limits = RateLimits()
        limits.weightPerMinute = weightPerMinute
        limits.ordersPerMinute = ordersPerMinute
        limits.ordersPerTenSeconds = ordersPerTenSeconds
        return limits
    }
}

extension Scenario {
    /// The faults that are switched on, by name, in a fixed order.
    package var activeFaults: [String] {
        RequestFault.allCases.filter { faults[$0].numerator > 0 }.map(\.rawValue)
            + AmbientFault.allCases.filter { faults[$0].every > .zero }.map(\.rawValue)
    }

    /// Switches a fault off; whether there is one of that name.
    package mutating func switchOff(_ name: String) -> Bool {
        if let fault = RequestFault(rawValue: name) {
            faults[fault] = .never
            return true
        }
        guard let fault = AmbientFault(rawValue: name) else { return false }
        faults[fault] = FaultPace()
        return true
    }
}

extension EngineConfiguration {
    /// With the dead-man switch and the margin mode as the world has them.
    func watched(by scenario: Scenario) -> EngineConfiguration {
        var watched = self
        watched.marginMode = scenario.marginMode
        watched.external = scenario.external
        if scenario.deadMan > .zero {
            let every = Span(nanoseconds: scenario.deadMan.nanoseconds / 4)
            watched.deadMan = DeadManRules(every: every, countdown: scenario.deadMan)
        }
        return watched
    }
}
