import ReckonModel

extension Scenario {
    /// The scenarios that are built in; the files in `examples/scenarios` say the same.
    package static let named: [Scenario] = [
        calm, lostAcks, silentStream, staleSnapshots, rateLimitStorm, crashLoop, flashCrash, manualMeddling,
        exchangeOutage, everything, hedged,
    ].map(\.scaled)

    package static func named(_ name: String) -> Scenario? { named.first { $0.name == name } }

    private static func plain(_ name: String, _ story: String) -> Scenario {
        var scenario = Scenario(
            name: name,
            symbols: [Symbol("BTCUSDT"), Symbol("ETHUSDT")],
            length: .seconds(1_200)
        )
        scenario.story = story
        return scenario
    }

    private static var calm: Scenario {
        plain("calm", "Nothing fails. Whatever is refused or corrected here, is so needlessly.")
    }

    private static var lostAcks: Scenario {
        var scenario = plain(
            "lost-acks",
            "Orders execute and their answers never come; some requests never arrive."
        )
        scenario.faults[.answerLost] = Ratio(1, in: 8)
        scenario.faults[.requestLost] = Ratio(1, in: 20)
        scenario.faults[.unknown] = Ratio(1, in: 15)
        scenario.faults[.timedOut] = Ratio(1, in: 40)
        scenario.faults[.serverError] = Ratio(1, in: 40)
        scenario.faults[.slowAnswer] = Ratio(1, in: 20)
        scenario.faults[.orderGatewayDown] = FaultPace(every: .seconds(240), longest: .seconds(25))
        return scenario
    }

    private static var silentStream: Scenario {
        var scenario = plain(
            "silent-stream",
            "The user stream stays connected and says nothing, or says it late and twice."
        )
        scenario.faults[.dropped] = Ratio(1, in: 12)
        scenario.faults[.delayed] = Ratio(1, in: 10)
        scenario.faults[.duplicated] = Ratio(1, in: 6)
        scenario.faults[.reordered] = Ratio(1, in: 6)
        scenario.faults[.triggerLate] = Ratio(1, in: 3)
        scenario.faults[.silence] = FaultPace(every: .seconds(120), longest: .seconds(60))
        scenario.faults[.disconnect] = FaultPace(every: .seconds(300), longest: .seconds(15))
        scenario.faults[.listenKeyExpiry] = FaultPace(every: .seconds(400), longest: .seconds(1))
        return scenario
    }

    private static var staleSnapshots: Scenario {
        var scenario = plain(
            "stale-snapshots",
            "Lists come from the past or in part, and questions contradict the stream."
        )
        scenario.faults[.staleLists] = FaultPace(every: .seconds(60), longest: .seconds(20))
        scenario.faults[.partialLists] = FaultPace(every: .seconds(60), longest: .seconds(6))
        scenario.faults[.staleQueries] = FaultPace(every: .seconds(60), longest: .seconds(6))
        scenario.faults[.slowAnswer] = Ratio(1, in: 10)
        return scenario
    }

    private static var rateLimitStorm: Scenario {
        var scenario = plain(
            "rate-limit-storm",
            "The venue asks for patience, bans for a while, and is overloaded."
        )
        scenario.weightPerMinute = 600
        scenario.faults[.rateLimited] = Ratio(1, in: 25)
        scenario.faults[.banned] = Ratio(1, in: 600)
        scenario.faults[.overloaded] = Ratio(1, in: 6)
        scenario.faults[.unavailable] = Ratio(1, in: 25)
        scenario.faults[.staleTimestamp] = Ratio(1, in: 30)
        scenario.faults[.clockJump] = FaultPace(every: .seconds(200), longest: .seconds(1))
        return scenario
    }

    private static var crashLoop: Scenario {
        var scenario = plain("crash-loop", "The process dies again and again, at every point of a turn.")
        scenario.faults[.crash] = FaultPace(every: .seconds(20), longest: .seconds(1))
        scenario.faults[.answerLost] = Ratio(1, in: 30)
        scenario.faults[.banned] = Ratio(1, in: 400)
        scenario.faults[.journalFault] = FaultPace(every: .seconds(300), longest: .seconds(20))
        return scenario
    }

    private static var flashCrash: Scenario {
        var scenario = plain(
            "flash-crash",
            "Prices fall through stops, margin runs out, the venue liquidates and deleverages."
        )
        scenario.balance = 250
        scenario.faults.jumpBasisPoints = 2_500
        scenario.faults[.priceJump] = FaultPace(every: .seconds(60), longest: .seconds(1))
        scenario.faults[.deleveraging] = FaultPace(every: .seconds(180), longest: .seconds(1))
        scenario.faults[.stopRefused] = Ratio(1, in: 8)
        scenario.faults[.overloaded] = Ratio(1, in: 10)
        scenario.faults[.triggerLate] = Ratio(1, in: 3)
        return scenario
    }

    private static var manualMeddling: Scenario {
        var scenario = plain(
            "manual-meddling",
            "Somebody else trades on the account, closes positions and strikes stops."
        )
        scenario.faults[.handTrade] = FaultPace(every: .seconds(90), longest: .seconds(1))
        scenario.faults[.handClose] = FaultPace(every: .seconds(90), longest: .seconds(1))
        scenario.faults[.stopCancelled] = FaultPace(every: .seconds(60), longest: .seconds(1))
        scenario.faults[.settingsChanged] = FaultPace(every: .seconds(90), longest: .seconds(1))
        scenario.faults[.operatorHalt] = FaultPace(every: .seconds(300), longest: .seconds(40))
        scenario.faults[.operatorFlatten] = FaultPace(every: .seconds(400), longest: .seconds(40))
        scenario.workload.moves = Ratio(1, in: 3)
        return scenario
    }

    private static var exchangeOutage: Scenario {
        var scenario = plain("exchange-outage", "The venue is away for up to a minute, stream and all.")
        scenario.faults[.outage] = FaultPace(every: .seconds(150), longest: .seconds(60))
        scenario.faults[.disconnect] = FaultPace(every: .seconds(150), longest: .seconds(60))
        scenario.faults[.unavailable] = Ratio(1, in: 40)
        scenario.faults[.policyFault] = FaultPace(every: .seconds(300), longest: .seconds(20))
        scenario.faults[.policyNonsense] = FaultPace(every: .seconds(200), longest: .seconds(20))
        return scenario
    }

    private static var hedged: Scenario {
        var scenario = plain(
            "hedged",
            "Both legs of each instrument trade at once, while answers get lost, hands meddle and the process dies."
        )
        scenario.isHedged = true
        scenario.deadMan = .seconds(8)
        scenario.maxNotional = 600
        scenario.faults[.answerLost] = Ratio(1, in: 80)
        scenario.faults[.requestLost] = Ratio(1, in: 200)
        scenario.faults[.unknown] = Ratio(1, in: 12)
        scenario.faults[.timedOut] = Ratio(1, in: 30)
        scenario.faults[.dropped] = Ratio(1, in: 20)
        scenario.faults[.reordered] = Ratio(1, in: 8)
        scenario.faults[.handTrade] = FaultPace(every: .seconds(120), longest: .seconds(1))
        scenario.faults[.handClose] = FaultPace(every: .seconds(150), longest: .seconds(1))
        scenario.faults[.stopCancelled] = FaultPace(every: .seconds(120), longest: .seconds(1))
        scenario.faults[.settingsChanged] = FaultPace(every: .seconds(150), longest: .seconds(1))
        scenario.faults[.deleveraging] = FaultPace(every: .seconds(240), longest: .seconds(1))
        scenario.faults[.crash] = FaultPace(every: .seconds(120), longest: .seconds(1))
        scenario.faults[.operatorFlatten] = FaultPace(every: .seconds(400), longest: .seconds(40))
        scenario.workload.entryEvery = .seconds(40)
        scenario.workload.moves = Ratio(1, in: 3)
        return scenario
    }

    /// The bounds of the swarm: the most of everything.
    private static var everything: Scenario {
        var scenario = plain(
            "everything",
            "Everything at random from the seed, some features switched off entirely."
        )
        scenario.isSwarm = true
        scenario.workload.moves = Ratio(1, in: 2)
        scenario.workload.amends = Ratio(1, in: 3)
        scenario.workload.withdrawals = Ratio(1, in: 6)
        scenario.deadMan = .seconds(60)
        scenario.mostAtMarket = 200
        let ratios: [(RequestFault, UInt64)] = [
            (.requestLost, 30), (.answerLost, 15), (.slowAnswer, 20), (.unknown, 15), (.unavailable, 30),
            (.rateLimited, 100), (.banned, 1_000), (.overloaded, 10), (.staleTimestamp, 40), (.timedOut, 30),
            (.serverError, 30), (.stopRefused, 12), (.duplicated, 6), (.delayed, 8), (.dropped, 30),
            (.reordered, 4), (.triggerLate, 3),
        ]
        for (fault, most) in ratios { scenario.faults[fault] = Ratio(1, in: most) }
        let paces: [(AmbientFault, Int64, Int64)] = [
            (.silence, 120, 40), (.disconnect, 120, 20), (.staleLists, 100, 20), (.outage, 200, 30),
            (.crash, 60, 1),
            (.policyFault, 200, 20), (.stopCancelled, 80, 1), (.handTrade, 150, 1), (.handClose, 150, 1),
            (.priceJump, 150, 1), (.partialLists, 100, 6), (.staleQueries, 100, 6),
            (.listenKeyExpiry, 300, 1),
            (.clockJump, 200, 1), (.deleveraging, 300, 1), (.policyReplaced, 200, 60),
            (.operatorHalt, 300, 30),
            (.journalFault, 300, 20), (.orderGatewayDown, 200, 25), (.policyNonsense, 200, 20),
            (.operatorFlatten, 300, 60), (.settingsChanged, 200, 1), (.operatorCancelAll, 200, 1),
        ]
        for (fault, every, longest) in paces {
            scenario.faults[fault] = FaultPace(every: .seconds(every), longest: .seconds(longest))
        }
        return scenario
    }
}
