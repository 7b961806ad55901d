import ReckonEngine
import ReckonModel
import Testing

/// One kind of difference: how it comes about, what shows that it was put right, and what fences it.
struct DifferenceStory: Sendable, CustomTestStringConvertible {
    let kind: Difference.Kind
    /// Brings the rig to where the next round meets the difference.
    let arrange: @Sendable (inout EngineRig) -> Void
    /// What the venue does with what the engine asks for, once it has asked.
    var heal: @Sendable (inout EngineRig) -> Void = { _ in }
    /// Whether the engine has put it right, as far as it can by itself.
    let isRepaired: @Sendable (EngineRig) -> Bool
    /// Something that happened just after the question, and makes the same sight none to believe.
    var fence: (@Sendable (inout EngineRig) -> Void)?

    var testDescription: String { kind.rawValue }
}

@Suite("The closed list of differences, kind by kind")
struct DifferenceTableTests {
    static var symbol: Symbol { EngineRig.symbol }

    static let positions: [DifferenceStory] = [
        DifferenceStory(
            kind: .orphanPosition,
            arrange: { $0.positions = [$0.position("2")] },
            isRepaired: { $0.held == quantity("2") },
            fence: { rig in
                _ = rig.openLong("1")
                rig.positions = [rig.position("2")]
            }
        ),
        DifferenceStory(
            kind: .phantomPosition,
            arrange: { rig in
                _ = rig.openLong("1")
                rig.advance(by: .seconds(6))
                rig.positions = []
                rig.openAlgoOrders = []
            },
            isRepaired: { $0.held.isZero },
            fence: { rig in
                _ = rig.openLong("1")
                rig.positions = []
            }
        ),
        DifferenceStory(
            kind: .sizeDrift,
            arrange: { rig in
                _ = rig.openLong("1")
                rig.advance(by: .seconds(6))
                rig.positions = [rig.position("1.5")]
            },
            isRepaired: { $0.held == quantity("1.5") },
            fence: { rig in
                _ = rig.openLong("1")
                rig.positions = [rig.position("1.5")]
            }
        ),
        DifferenceStory(
            kind: .sideFlip,
            arrange: { rig in
                _ = rig.openLong("1")
                rig.advance(by: .seconds(6))
                rig.positions = [rig.position("-1")]
            },
            isRepaired: { $0.held == quantity("-1") },
            fence: { rig in
                _ = rig.openLong("1")
                rig.positions = [rig.position("-1")]
            }
        ),
        DifferenceStory(
            kind: .entryDrift,
            arrange: { rig in
                _ = rig.openLong("1")
                rig.advance(by: .seconds(6))
                rig.positions = [DifferenceTableTests.dearer(rig)]
            },
            isRepaired: { $0.engine.state.holding(EngineRig.symbol).position.entryPrice == price("101") },
            fence: { rig in
                _ = rig.openLong("1")
                rig.positions = [DifferenceTableTests.dearer(rig)]
            }
        ),
    ]

    static let orders: [DifferenceStory] = [
        DifferenceStory(
            kind: .orphanOrder,
            arrange: { rig in
                // From a start that is over, beyond what its journal still holds: the lost tail's.
                rig.crashAndRestart()
                var report = DifferenceTableTests.limit(rig, id: "rk-t1-e1-i9-1")
                report.isReduceOnly = false
                rig.openOrders = [report]
            },
            heal: { $0.openOrders = [] },
            isRepaired: { rig in rig.actions.contains { if case .cancel = $0 { true } else { false } } }
        ),
        DifferenceStory(
            kind: .missingOrder,
            arrange: { rig in
                DifferenceTableTests.rest(&rig, executed: "0")
                rig.openOrders = []
            },
            heal: { rig in
                for query in rig.takeQueries() {
                    guard let ticket = rig.engine.state.orders[query.id]?.ticket else { continue }
                    rig.step(.queried(query, .success(rig.report(ticket, .cancelled))))
                }
            },
            isRepaired: { rig in rig.actions.contains { if case .query = $0 { true } else { false } } },
            fence: { rig in
                DifferenceTableTests.rest(&rig, executed: "0")
                rig.openOrders = []
            }
        ),
        DifferenceStory(
            kind: .missedFill,
            arrange: { rig in
                DifferenceTableTests.rest(&rig, executed: "0.4")
                rig.positions = [rig.position("0.4")]
            },
            heal: { rig in
                for sent in rig.takePlacements() where sent.ticket.role == .stop {
                    rig.step(.placed(sent, .success(rig.report(sent, .new))))
                    rig.openAlgoOrders = [rig.report(sent, .new)]
                }
            },
            isRepaired: { $0.held == quantity("0.4") }
        ),
        DifferenceStory(
            kind: .orphanReduceOnly,
            arrange: { rig in
                _ = rig.openLong("1")
                rig.submit(
                    .exit(
                        ExitIntent(
                            key: "x",
                            symbol: EngineRig.symbol,
                            pricing: .limit(price("120"), .goodTillCancel)
                        )
                    )
                )
                guard let sent = rig.takePlacements().first else { return }
                rig.step(.placed(sent, .success(rig.report(sent, .new))))
                rig.openOrders = [rig.report(sent, .new)]
                rig.advance(by: .seconds(6))
                rig.openAlgoOrders = []
                rig.positions = []
                // What is only missed may come back; its orders stay for two minutes.
                rig.advance(by: .seconds(150))
            },
            heal: { rig in
                rig.openOrders = []
                for sent in rig.takeCancels() {
                    guard let ticket = rig.engine.state.order(sent.id)?.ticket else { continue }
                    rig.step(.cancelled(sent, .success(rig.report(ticket, .cancelled))))
                }
            },
            isRepaired: { rig in
                rig.actions.contains {
                    if case .cancel(let sent) = $0 { sent.endpoint == .order } else { false }
                }
            }
        ),
    ]

    static let others: [DifferenceStory] = [
        DifferenceStory(
            kind: .unprotected,
            arrange: { rig in
                rig.submit(.entry(entry("e", "1")))
                guard let sent = rig.takePlacements().first else { return }
                rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
                rig.positions = [rig.position("1")]
                guard let stop = rig.takePlacements().first else { return }
                rig.step(.placed(stop, .failure(VenueFailure(.fatal, code: -2010, message: "no"))))
                rig.advance(by: .seconds(1))
            },
            heal: { rig in
                for sent in rig.takePlacements() {
                    rig.step(.placed(sent, .success(rig.report(sent, .new))))
                    rig.openAlgoOrders = [rig.report(sent, .new)]
                }
            },
            isRepaired: { rig in
                rig.actions.contains {
                    if case .place(let sent) = $0 { sent.ticket.role == .stop } else { false }
                }
            }
        ),
        DifferenceStory(
            kind: .underCovered,
            arrange: { rig in
                DifferenceTableTests.bridged(&rig, newStopRests: false)
                guard rig.openMore("0.5", key: "more") != nil else { return }
                rig.openAlgoOrders = DifferenceTableTests.stopsKnown(rig)
            },
            heal: { rig in
                for sent in rig.takePlacements() where sent.ticket.extent == .wholePosition {
                    rig.step(.placed(sent, .success(rig.report(sent, .new))))
                }
                rig.openAlgoOrders = DifferenceTableTests.stopsKnown(rig)
            },
            isRepaired: { rig in
                rig.actions.contains {
                    if case .place(let sent) = $0 { sent.ticket.role == .stop } else { false }
                }
            }
        ),
        DifferenceStory(
            kind: .overCovered,
            arrange: { DifferenceTableTests.bridged(&$0, newStopRests: true) },
            heal: { rig in
                let bridges = rig.engine.state.liveOrders(EngineRig.symbol).map(\.ticket)
                for ticket in bridges where ticket.extent != .wholePosition {
                    rig.step(.report(rig.report(ticket, .cancelled)))
                }
                rig.openAlgoOrders = DifferenceTableTests.stopsKnown(rig)
            },
            isRepaired: { rig in
                rig.engine.state.liveOrders(EngineRig.symbol).contains {
                    $0.cancelWanted && $0.ticket.extent != .wholePosition
                }
            }
        ),
        DifferenceStory(
            kind: .leverageDrift,
            arrange: { $0.settings = [DifferenceTableTests.settings(leverage: 20)] },
            heal: { $0.settings = [DifferenceTableTests.settings(leverage: 10)] },
            isRepaired: { rig in
                rig.actions.contains {
                    if case .setLeverage(let change) = $0 { change.leverage == 10 } else { false }
                }
            },
            fence: { rig in
                rig.settings = [DifferenceTableTests.settings(leverage: 20)]
                rig.step(.leverageSet(LeverageChange(symbol: EngineRig.symbol, leverage: 10), .success(10)))
            }
        ),
        DifferenceStory(
            kind: .marginDrift,
            arrange: { $0.settings = [DifferenceTableTests.settings(leverage: 10, isIsolated: true)] },
            heal: { $0.settings = [DifferenceTableTests.settings(leverage: 10)] },
            isRepaired: { rig in
                rig.actions.contains {
                    if case .setMarginMode(let sent) = $0 { !sent.isIsolated } else { false }
                }
            },
            fence: { rig in
                rig.settings = [DifferenceTableTests.settings(leverage: 10, isIsolated: true)]
                let change = MarginChange(symbol: EngineRig.symbol, isIsolated: false)
                rig.step(.marginModeSet(change, .success(false)))
            }
        ),
        DifferenceStory(
            kind: .evidenceFailure,
            arrange: { $0.openAlgoOrders = nil },
            heal: { $0.openAlgoOrders = [] },
            isRepaired: { $0.engine.belief(at: $0.now).debtSymbols == 1 }
        ),
    ]

    @Test("found, counted as debt or put right, and cleared", arguments: positions + orders + others)
    func story(_ story: DifferenceStory) {
        var rig = DifferenceTableTests.rig()
        story.arrange(&rig)
        rig.actions.removeAll { if case .cancel = $0 { true } else { false } }
        let before = rig.facts.count
        rig.advance(by: .seconds(62))
        #expect(DifferenceTableTests.kinds(rig, from: before).contains(story.kind), "not found")
        #expect(story.isRepaired(rig), "not put right")
        story.heal(&rig)
        rig.advance(by: .seconds(70))
        let left = rig.engine.state.ledger.rows.keys.map(\.kind)
        #expect(!left.contains(story.kind), "not cleared: \(left)")
    }

    @Test(
        "what changed after the question is not believed from its answer (I-09)",
        arguments: (positions + orders + others).filter { $0.fence != nil }
    )
    func fenced(_ story: DifferenceStory) {
        var rig = DifferenceTableTests.rig()
        let isSetting = story.kind == .leverageDrift || story.kind == .marginDrift
        let questions = DifferenceTableTests.askedUnanswered(&rig, untilSettings: isSetting)
        #expect(!questions.isEmpty)
        let before = rig.facts.count
        story.fence?(&rig)
        for question in questions { rig.answer(question) }
        #expect(!DifferenceTableTests.kinds(rig, from: before).contains(story.kind), "believed at once")
        #expect(rig.engine.belief(at: rig.now).mismatchStreak <= 40)
    }

    // MARK: Parts

    /// The questions of a round that has just begun, unanswered.
    private static func askedUnanswered(_ rig: inout EngineRig, untilSettings: Bool) -> [SnapshotQuestion] {
        rig.answersRounds = false
        rig.actions.removeAll()
        for _ in 0..<1_000 {
            rig.advance(by: .milliseconds(100))
            let questions = rig.takeQuestions { _ in true }
            if questions.isEmpty { continue }
            rig.answersRounds = true
            if !untilSettings || questions.contains(where: { $0.part == .settings }) { return questions }
            for question in questions { rig.answer(question) }
            rig.answersRounds = false
        }
        return []
    }

    static func rig() -> EngineRig {
        var rig = EngineRig { $0.marginMode = .crossed }
        rig.settings = [settings(leverage: 10)]
        rig.start()
        rig.step(.leverageSet(LeverageChange(symbol: EngineRig.symbol, leverage: 10), .success(10)))
        // An entry that wished for a leverage leaves that wish behind.
        var wished = entry("wish", "1")
        wished.leverage = 10
        rig.submit(.entry(wished))
        if let sent = rig.takePlacements().first {
            rig.step(.placed(sent, .failure(VenueFailure(.fatal, code: -2010, message: "no"))))
        }
        rig.advance(by: .seconds(6))
        return rig
    }

    /// A long of 1 whose stop is being moved: the bridge rests and the old one is gone; the new one rests, or is refused.
    static func bridged(_ rig: inout EngineRig, newStopRests: Bool) {
        _ = rig.openLong("1")
        rig.submit(.protect(ProtectIntent(key: "move", symbol: EngineRig.symbol, stop: .basisPoints(500))))
        guard let bridge = rig.takePlacements().first, let old = rig.takeOldStop() else { return }
        rig.step(.placed(bridge, .success(rig.report(bridge, .new))))
        rig.step(.report(rig.report(old, .cancelled)))
        for sent in rig.takePlacements() {
            let refusal = VenueFailure(.fatal, code: -2010, message: "no")
            rig.step(.placed(sent, newStopRests ? .success(rig.report(sent, .new)) : .failure(refusal)))
        }
        rig.openAlgoOrders = stopsKnown(rig)
        rig.positions = [rig.position("1")]
    }

    /// Every stop that the engine holds for resting, as the list shows it.
    static func stopsKnown(_ rig: EngineRig) -> [OrderReport] {
        rig.engine.state.liveOrders(EngineRig.symbol).filter { $0.ticket.role == .stop && $0.isResting }
            .map { rig.report($0.ticket, .new) }
    }

    static func settings(leverage: Int, isIsolated: Bool = false) -> SymbolSettings {
        SymbolSettings(symbol: EngineRig.symbol, leverage: leverage, isIsolated: isIsolated)
    }

    static func dearer(_ rig: EngineRig) -> PositionReport {
        var row = rig.position("1")
        row.entryPrice = price("101")
        return row
    }

    static func limit(_ rig: EngineRig, id: String, side: Side = .buy) -> OrderReport {
        var report = OrderReport(
            id: ClientOrderID(id),
            venueID: VenueOrderID(77),
            symbol: EngineRig.symbol,
            side: side,
            status: .new,
            quantity: quantity("1"),
            updatedAt: rig.venueNow
        )
        report.price = price("99")
        return report
    }

    /// A limit entry that rests; the lists show so much of it executed.
    static func rest(_ rig: inout EngineRig, executed: String) {
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        guard let sent = rig.takePlacements().first else { return }
        rig.step(.placed(sent, .success(rig.report(sent, .new))))
        rig.openOrders = [rig.report(sent, executed == "0" ? .new : .partiallyFilled, executed: executed)]
    }

    /// Kinds of all differences since a fact, fenced ones left out.
    static func kinds(_ rig: EngineRig, from count: Int) -> [Difference.Kind] {
        rig.facts.dropFirst(count).flatMap { stamped -> [Difference.Kind] in
            guard case .roundConcluded(let conclusion) = stamped.fact else { return [] }
            return conclusion.differences.filter { !$0.isFenced }.map(\.kind)
        }
    }
}

extension EngineRig {
    /// The stop over the whole position that rests now.
    fileprivate func takeOldStop() -> OrderTicket? {
        engine.state.liveOrders(EngineRig.symbol).first {
            $0.ticket.role == .stop && $0.ticket.extent == .wholePosition && $0.isResting
        }?.ticket
    }
}
