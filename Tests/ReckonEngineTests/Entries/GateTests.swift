import ReckonEngine
import ReckonModel
import Testing

/// Every rule of the gate, met one at a time from a view that admits, with what was found and what is allowed.
@Suite("The entry gate")
struct GateTests {
    struct Row: Sendable {
        let rule: Refusal.Rule
        let found: String
        let allowed: String
        let change: @Sendable (inout EntryIntent, inout GateView) -> Void

        init(
            _ rule: Refusal.Rule,
            _ found: String,
            _ allowed: String,
            _ change: @escaping @Sendable (inout EntryIntent, inout GateView) -> Void
        ) {
            self.rule = rule
            self.found = found
            self.allowed = allowed
            self.change = change
        }
    }

    static var limits: GuardLimits {
        GuardLimits(
            maxNotional: 1_000,
            maxLeverage: 10,
            minEntryConfidence: 0,
            entryCooldownSeconds: 0,
            maxOpenOrdersPerSymbol: 2
        )
    }

    static var view: GateView {
        var holding = Holding(symbol: EngineRig.symbol)
        holding.leverage = 5
        var view = GateView(
            now: Instant(nanoseconds: 1_700_000_000_000_000_000),
            knobs: Knobs(mode: .green, allowEntries: true, limits: limits),
            holding: holding
        )
        view.instrument = EngineRig.instrument
        view.mark = price("100")
        view.listsAge = .seconds(1)
        return view
    }

    static func order(_ role: OrderRole, _ state: OrderExhaustiveTests.Letter...) -> OrderMachine {
        let start = view.now
        var node = OrderExhaustiveTests.Node(
            machine: OrderMachine(
                ticket: OrderExhaustiveTests.ticket(role),
                intent: nil,
                generation: 1,
                at: start
            ),
            now: start
        )
        for letter in state { (node, _) = OrderExhaustiveTests.follow(node, letter) }
        return node.machine
    }

    static let rows: [Row] = [
        Row(.starting, "starting", "ready") { $1.notReady = .starting },
        Row(.journalDown, "journal_down", "ready") { $1.notReady = .journalDown },
        Row(.throttled, "throttled", "ready") { $1.notReady = .throttled },
        Row(.halted, "halted: drill", "no halt") { $1.haltedByOperator = "drill" },
        Row(.killSwitch, "tripped", "not tripped") { $1.knobs.killSwitchTrip = true },
        Row(.entriesClosed, "ORANGE", "entries open") {
            $1.knobs.mode = .orange
            $1.knobs.allowEntries = false
        },
        Row(.entriesClosed, "GREEN", "entries open") { entry, view in
            view.knobs.symbols[entry.symbol, default: SymbolKnobs()].allowEntries = false
        },
        Row(.confidence, "0.4", "at least 0.6") {
            $0.confidence = 0.4
            $1.knobs.minEntryConfidence = 0.6
        },
        Row(.confidence, "nan", "at least 0.0") { entry, _ in entry.confidence = .nan },
        Row(.confidence, "0.4", "at least 0.7") { entry, view in
            entry.confidence = 0.4
            view.knobs.symbols[entry.symbol, default: SymbolKnobs()].minEntryConfidence = 0.7
        },
        Row(.unknownSymbol, "BTCUSDT", "a configured symbol") { $1.instrument = nil },
        Row(.symbolNotTrading, "not trading", "trading") { $1.instrument?.isTrading = false },
        Row(.noMark, "no mark price yet", "a mark price") { $1.mark = nil },
        Row(.priceOffTick, "99.95", "a multiple of 0.1") { entry, _ in
            entry.pricing = .limit(price("99.95"), .goodTillCancel)
        },
        Row(.priceOutOfRange, "106", "at most 105") { entry, _ in
            entry.pricing = .limit(price("106"), .goodTillCancel)
        },
        Row(.priceOutOfRange, "94", "at least 95") { entry, _ in
            entry.side = .sell
            entry.pricing = .limit(price("94"), .goodTillCancel)
        },
        Row(.staleEvidence, "31.0 s old", "at most 30.0 s") { $1.listsAge = .seconds(31) },
        Row(.staleEvidence, "never asked", "at most 30.0 s") { $1.listsAge = nil },
        Row(.unresolvedIntent, "order rk-t1-e1-i1-1 in doubt", "none in doubt") {
            $1.otherOrders = [order(.entry, .submit, .timeout)]
        },
        Row(.unresolvedIntent, "an exit under way", "none under way") { $1.hasOpenExit = true },
        Row(.cooldown, "4.0 s since the last", "10.0 s") {
            $1.knobs.entryCooldownSeconds = 10
            $1.holding.lastEntryAt = $1.now - .seconds(4)
        },
        Row(.cooldown, "4.0 s since the last", "8.0 s") { entry, view in
            view.knobs.symbols[entry.symbol, default: SymbolKnobs()].entryCooldownSeconds = 8
            view.holding.lastEntryAt = view.now - .seconds(4)
        },
        Row(.openOrders, "2 open", "below 2") {
            $1.otherOrders = [order(.entry, .submit, .ack), order(.entry, .submit, .ack)]
        },
        Row(.malformed, "quantity 0", "above 0") { entry, _ in entry.sizing = .quantity(.zero) },
        Row(.malformed, "notional -1", "above 0") { entry, _ in
            entry.sizing = .notional(Notional(units: -Notional.scale))
        },
        Row(.malformed, "leverage 0", "at least 1") { entry, _ in entry.leverage = 0 },
        Row(.sizeOffStep, "1.0005", "a multiple of 0.001") { entry, _ in
            entry.sizing = .quantity(quantity("1.0005"))
        },
        Row(.notional, "1100", "at most 1000") { entry, _ in entry.sizing = .quantity(quantity("11")) },
        Row(.notional, "1100", "at most 1000") { entry, view in
            view.otherOrders = [order(.entry, .submit, .ack)]
            entry.sizing = .quantity(quantity("10"))
        },
        Row(.notional, "600", "at most 500") { entry, view in
            view.knobs.symbols[entry.symbol, default: SymbolKnobs()].maxNotional = 500
            entry.sizing = .quantity(quantity("6"))
        },
        Row(.sizeTooSmall, "0", "at least 0.001") { entry, _ in
            entry.sizing = .notional(Notional(units: 1_000))
        },
        Row(.sizeTooLarge, "5", "at most 2") { entry, view in
            view.instrument?.maxMarketQuantity = quantity("2")
            entry.sizing = .quantity(quantity("5"))
        },
        Row(.belowMinNotional, "1", "at least 5") { entry, _ in entry.sizing = .quantity(quantity("0.01")) },
        Row(.stopInvalid, "stop at 101", "below 100") { entry, _ in entry.stop = .price(price("101")) },
        Row(.stopInvalid, "stop at 99", "above 100") { entry, _ in
            entry.side = .sell
            entry.stop = .price(price("99"))
        },
        Row(.leverageAboveCap, "5 while in use", "at most 3") {
            $1.knobs.maxLeverage = 3
            $1.otherOrders = [order(.entry, .submit, .ack)]
        },
        Row(.leverageAboveCap, "unknown while in use", "at most 10") {
            $1.holding.leverage = nil
            $1.otherOrders = [order(.entry, .submit, .ack)]
        },
        Row(.leverageAboveCap, "5 while in use", "at most 2") { entry, view in
            entry.leverage = 2
            view.otherOrders = [order(.entry, .submit, .ack)]
        },
    ]

    @Test("each rule refuses by itself and says what it found and what it allows", arguments: rows.indices)
    func refusal(_ index: Int) {
        let row = GateTests.rows[index]
        var wish = entry("k", "1")
        var view = GateTests.view
        row.change(&wish, &view)
        do throws(Refusal) {
            let admitted = try EntryGate.admit(wish, wanting: nil, view)
            Issue.record("\(row.rule.rawValue) admitted \(admitted)")
        } catch {
            #expect(error.rule == row.rule)
            #expect(error.found == row.found)
            #expect(error.allowed == row.allowed)
        }
    }

    @Test("the view that the table starts from admits")
    func admits() throws {
        #expect(try EntryGate.admit(entry("k", "1"), wanting: nil, GateTests.view) == quantity("1"))
    }

    @Test("an entry that may be resized is cut to what the cap leaves, rounded down to a step")
    func resize() throws {
        var wish = entry("k", "11")
        wish.mayResize = true
        var view = GateTests.view
        #expect(try EntryGate.admit(wish, wanting: nil, view) == quantity("10"))
        view.otherOrders = [GateTests.order(.entry, .submit, .ack)]
        #expect(try EntryGate.admit(wish, wanting: nil, view) == quantity("9"))
        view.mark = price("333.3")
        #expect(try EntryGate.admit(wish, wanting: nil, view) == quantity("2"))
    }

    @Test("figures that plain arithmetic cannot hold are refused and never trap")
    func hostileFigures() {
        let most = Quantity(units: Int64.max / 1_000_000 * 1_000_000)
        var wishes: [EntryIntent] = []
        for sizing in [
            Sizing.quantity(most), .quantity(quantity("50000000000")), .notional(Notional(units: .max)),
        ] {
            var wish = entry("k", "1")
            wish.sizing = sizing
            wishes.append(wish)
            wish.mayResize = true
            wish.side = .sell
            wish.pricing = .limit(Price(units: Int64.max / 10_000_000 * 10_000_000), .goodTillCancel)
            wishes.append(wish)
        }
        let stops: [StopDistance] = [
            .basisPoints(.max), .basisPoints(.min), .price(Price(units: .min)), .price(price("90.05")),
            .averageTrueRange(Price(units: .max), hundredths: .max),
            .averageTrueRange(Price(units: -1), hundredths: 1),
        ]
        for stop in stops {
            for side in Side.allCases {
                var wish = entry("k", "1", side: side)
                wish.stop = stop
                wishes.append(wish)
            }
        }
        for wish in wishes {
            var view = GateTests.view
            view.instrument?.maxQuantity = .zero
            view.instrument?.maxMarketQuantity = .zero
            #expect(throws: Refusal.self) { try EntryGate.admit(wish, wanting: nil, view) }
            // At the smallest price some of them are honest; none may trap.
            view.mark = Price(units: 1)
            _ = try? EntryGate.admit(wish, wanting: nil, view)
        }
    }

    @Test("times that cannot be added up are refused at the door")
    func hostileTimes() {
        var rig = EngineRig.open()
        for lifetime in [Span.zero, Span(nanoseconds: -1), Span(nanoseconds: .max)] {
            var wish = entry("e\(lifetime.nanoseconds)", "1")
            wish.lifetime = lifetime
            var exit = ExitIntent(key: "x\(lifetime.nanoseconds)", symbol: EngineRig.symbol)
            exit.lifetime = lifetime
            for intent in [Intent.entry(wish), .exit(exit)] {
                guard case .refused(let refusal) = rig.submit(intent) else {
                    Issue.record("accepted \(intent)")
                    continue
                }
                #expect(refusal.rule == .malformed)
            }
        }
        for issuedAt in [Instant(nanoseconds: .min), rig.now - .seconds(61)] {
            var wish = entry("i\(issuedAt.nanoseconds)", "1")
            wish.issuedAt = issuedAt
            guard case .refused(let refusal) = rig.submit(.entry(wish)) else {
                Issue.record("accepted")
                continue
            }
            #expect(refusal.rule == .tooOld)
        }
    }
}
