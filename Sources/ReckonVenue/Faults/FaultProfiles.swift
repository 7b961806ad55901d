import ReckonModel

// Plans with names. Ambient ones are drawn from the seed before the start.
extension FaultPlan {
    package static let profileNames = [
        "none", "demo", "lost-acks", "silent-stream", "stale-snapshots", "outage", "everything",
    ]

    /// A plan by its name; `nil` for a name that there isn't.
    package static func profile(_ name: String, seed: UInt64, startSecond: Int64 = 10) -> FaultPlan? {
        let dice = Dice(seed: Dice.digest("profile \(name)", from: seed))
        let rules: [FaultRule]
        switch name {
        case "none": rules = []
        case "demo": rules = demo(dice)
        case "lost-acks": rules = lostAcks
        case "silent-stream": rules = repeated(.silentStream, every: 40, lasting: 5...15, dice)
        case "stale-snapshots": rules = staleSnapshots(dice)
        case "outage": rules = outage(dice)
        case "everything": rules = everything(dice)
        default: return nil
        }
        return FaultPlan(name: name, rules: rules).shifted(by: .seconds(startSecond))
    }

    /// How far ahead ambient faults are drawn.
    private static let horizonSeconds: Int64 = 6 * 3_600

    /// Intervals of one kind over the whole horizon, about one in each period.
    private static func repeated(
        _ kind: FaultKind,
        every period: Int64,
        lasting length: ClosedRange<Int64>,
        _ dice: Dice
    ) -> [FaultRule] {
        var own = dice.child(kind.rawValue)
        var rules: [FaultRule] = []
        var base: Int64 = 0
        while base < horizonSeconds {
            let lasting = own.roll(in: length)
            let slack = max(period - lasting - 1, 0)
            let from = base + own.roll(in: 0...slack)
            rules.append(FaultRule(kind, window(from, from + lasting)))
            base += period
        }
        return rules
    }

    private static func window(_ from: Int64, _ to: Int64) -> FaultTrigger {
        .window(from: .seconds(from), to: .seconds(to))
    }

    private static func chance(_ numerator: UInt64, in denominator: UInt64) -> FaultTrigger {
        .chance(FaultChance(numerator, in: denominator))
    }

    /// Mild, yet a run of a minute meets several kinds and has a calm end.
    private static func demo(_ dice: Dice) -> [FaultRule] {
        var rules: [FaultRule] = []
        for cycle in 0..<(horizonSeconds / 60) {
            let base = cycle * 60
            var own = dice.child("cycle \(cycle)")
            let shift = own.roll(in: 0...2)
            rules.append(FaultRule(.silentStream, window(base + shift, base + shift + 7)))
            rules.append(FaultRule(.stopCancelled, window(base + 9 + shift, base + 18)))
            rules.append(FaultRule(.staleSnapshot, window(base + 13 + shift, base + 18 + shift)))
            rules.append(FaultRule(.disconnect, window(base + 21 + shift, base + 23 + shift)))
            rules.append(contentsOf: demoRequests(base))
        }
        return rules
    }

    /// Faults of single requests, in the busy part of a cycle only.
    private static func demoRequests(_ base: Int64) -> [FaultRule] {
        let from = Span.seconds(base)
        let to = Span.seconds(base + 30)
        func some(_ numerator: UInt64, in denominator: UInt64) -> FaultTrigger {
            .chance(FaultChance(numerator, in: denominator, from: from, to: to))
        }
        return [
            FaultRule(.answerLost, some(1, in: 4), scope: .orders),
            FaultRule(.unknownExecuted, some(1, in: 8), scope: .orders),
            FaultRule(.slowAnswer, some(1, in: 8), milliseconds: 700),
            FaultRule(.duplicatedEvents, some(1, in: 5)),
        ]
    }

    private static let lostAcks: [FaultRule] = [
        FaultRule(.answerLost, chance(1, in: 3), scope: .orders),
        FaultRule(.unknownExecuted, chance(1, in: 8), scope: .orders),
        FaultRule(.unknownNotExecuted, chance(1, in: 8), scope: .orders),
        FaultRule(.requestLost, chance(1, in: 10), scope: .orders),
        FaultRule(.answerLost, chance(1, in: 6), scope: .cancels),
    ]

    private static func staleSnapshots(_ dice: Dice) -> [FaultRule] {
        var rules = repeated(.staleSnapshot, every: 30, lasting: 6...14, dice)
        for index in rules.indices { rules[index].milliseconds = 3_000 + Int64(index % 4) * 1_000 }
        return rules
    }

    /// Nothing works for a while: requests go unanswered or are refused, and the stream is cut.
    private static func outage(_ dice: Dice) -> [FaultRule] {
        var rules: [FaultRule] = []
        for rule in repeated(.disconnect, every: 90, lasting: 10...25, dice) {
            rules.append(rule)
            rules.append(FaultRule(.unavailable, rule.trigger))
        }
        for index in rules.indices where rules[index].kind == .unavailable && index % 4 == 1 {
            rules[index].kind = .requestLost
        }
        return rules
    }

    private static func everything(_ dice: Dice) -> [FaultRule] {
        var rules = repeated(.silentStream, every: 75, lasting: 4...15, dice)
        rules += repeated(.staleSnapshot, every: 60, lasting: 4...10, dice)
        rules += repeated(.disconnect, every: 120, lasting: 1...8, dice)
        rules += repeated(.stopCancelled, every: 90, lasting: 20...30, dice)
        rules += repeated(.listenKeyExpired, every: 200, lasting: 10...20, dice)
        rules += repeated(.unavailable, every: 150, lasting: 2...6, dice)
        rules += repeated(.overloaded, every: 110, lasting: 5...15, dice)
        rules += lostAcks.dropLast()
        rules += [
            // Held for longer than any client waits.
            FaultRule(.answerLost, chance(1, in: 30), scope: .orders, milliseconds: 20_000),
            FaultRule(.requestTimeout, chance(1, in: 25)),
            FaultRule(.backendTimeout, chance(1, in: 25), scope: .orders),
            FaultRule(.rateLimited, chance(1, in: 60)),
            FaultRule(.slowAnswer, chance(1, in: 10)),
            FaultRule(.requestLost, chance(1, in: 40)),
            FaultRule(.duplicatedEvents, chance(1, in: 6)),
            FaultRule(.delayedEvents, chance(1, in: 10)),
        ]
        return rules
    }
}
