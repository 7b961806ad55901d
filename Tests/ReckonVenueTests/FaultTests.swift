import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

private func always(_ kind: FaultKind, _ scope: FaultScope = .all, milliseconds: Int64? = nil) -> FaultPlan {
    let trigger = FaultTrigger.window(from: .seconds(1), to: .seconds(100))
    return FaultPlan(
        name: "test",
        rules: [FaultRule(kind, trigger, scope: scope, milliseconds: milliseconds)]
    )
}

/// How one kind of fault shows on the wire.
struct FaultCase: CustomTestStringConvertible, Sendable {
    let kind: FaultKind
    let status: Int
    let code: String?
    let message: String?
    /// Absent where it is a matter of chance.
    let executes: Bool?

    var testDescription: String { kind.rawValue }

    init(_ kind: FaultKind, _ status: Int, _ code: String?, _ message: String? = nil, executes: Bool?) {
        self.kind = kind
        self.status = status
        self.code = code
        self.message = message
        self.executes = executes
    }
}

private let unknownError = "Unknown error, please check your request or try again later."

private let cases: [FaultCase] = [
    FaultCase(.answerLost, 0, nil, executes: true),
    FaultCase(.requestLost, 0, nil, executes: false),
    FaultCase(.unknownExecuted, 503, "-1000", unknownError, executes: true),
    FaultCase(.unknownNotExecuted, 503, "-1000", unknownError, executes: false),
    FaultCase(.unavailable, 503, "-1000", "Service Unavailable.", executes: false),
    FaultCase(.requestTimeout, 408, "-1007", executes: nil),
    FaultCase(.backendTimeout, 503, "-1007", executes: nil),
    FaultCase(.rateLimited, 429, "-1003", executes: false),
    FaultCase(.overloaded, 503, "-1008", executes: false),
]

@Suite("Faults") struct FaultTests {
    @Test(
        "each fault of a request shows on the wire, does to the order what it says, and is logged",
        arguments: cases
    )
    func requests(_ row: FaultCase) async throws {
        try await withVenue(faults: always(row.kind)) { venue in
            #expect(try await venue.buy(id: "before").status == 200)
            venue.clock.advance(1_000)
            var executed: [Bool] = []
            for attempt in 0..<6 {
                let answer = try await venue.buy(id: "order-\(attempt)")
                #expect(answer.status == row.status && answer.code == row.code, "\(answer)")
                if let message = row.message { #expect(answer.text("msg") == message) }
                if row.kind == .rateLimited { #expect(answer.header("Retry-After") == "2") }
                let id = ClientOrderID("order-\(attempt)")
                executed.append(venue.server.snapshot().record.order(under: id) != nil)
            }
            switch row.executes {
            case .some(let wanted): #expect(executed.allSatisfy { $0 == wanted })
            case .none: #expect(executed.contains(true) && executed.contains(false))
            }
            let log = venue.server.snapshot().faults
            #expect(log.count(of: row.kind) == 6 && log.total == 6 && log.kinds.count == 1)
            #expect(log.entries.first?.subject.contains("POST /fapi/v1/order order-0") == true)
            #expect(!log.isAnyOpen && log.quietSince == venue.clock.now)
            venue.clock.advance(100_000)
            #expect(try await venue.buy(id: "after").status == 200)
        }
    }

    @Test("an overloaded venue still takes what reduces, and cancels")
    func overloaded() async throws {
        try await withVenue(faults: always(.overloaded)) { venue in
            _ = try await venue.buy()
            venue.clock.advance(1_000)
            #expect(try await venue.buy(id: "more").code == "-1008")
            #expect(try await venue.placeStop().status == 200)
            #expect(try await venue.call("DELETE", "v1/algoOrder", "clientAlgoId=stop").status == 200)
            let close = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true"
            #expect(try await venue.call("POST", "v1/order", close).status == 200)
        }
    }

    @Test("a slow answer executes at once and comes later")
    func slow() async throws {
        try await withVenue(faults: always(.slowAnswer, .orders, milliseconds: 300)) { venue in
            venue.clock.advance(1_000)
            async let answer = venue.buy()
            let isThere = try await eventually { venue.server.snapshot().record.orders.count == 1 }
            let status = try await answer.status
            #expect(isThere && status == 200)
            let entry = venue.server.snapshot().faults.entries.first
            #expect(entry?.endedAt == venue.clock.now + .milliseconds(300))
        }
    }

    @Test("a lost answer may be held before the connection closes")
    func held() async throws {
        try await withVenue(faults: always(.answerLost, .orders, milliseconds: 200)) { venue in
            venue.clock.advance(1_000)
            let start = ContinuousClock.now
            let status = try await venue.buy().status
            #expect(status == 0)
            #expect(ContinuousClock.now - start >= .milliseconds(190))
        }
    }

    @Test("every nth answer is lost after execution, and no other")
    func nth() async throws {
        let plan = FaultPlan(
            name: "nth",
            rules: [FaultRule(.answerLost, .every(3, from: .zero), scope: .orders)]
        )
        try await withVenue(faults: plan) { venue in
            var statuses: [Int] = []
            for attempt in 0..<9 { statuses.append(try await venue.buy("0.001", id: "n\(attempt)").status) }
            #expect(statuses == [200, 200, 0, 200, 200, 0, 200, 200, 0])
            #expect(venue.server.snapshot().record.orders.count == 9)
            #expect(venue.server.snapshot().faults.count(of: .answerLost) == 3)
        }
    }

    @Test(
        "a scope is kept to",
        arguments: [
            (FaultScope.cancels, ["DELETE v1/order"]), (.queries, ["GET v1/order", "GET v1/userTrades"]),
            (.snapshots, ["GET v3/positionRisk", "GET v1/openOrders", "GET v1/openAlgoOrders"]),
            (.orders, ["POST v1/order", "POST v1/algoOrder"]),
        ]
    )
    func scopes(_ scope: FaultScope, _ hit: [String]) async throws {
        try await withVenue(faults: always(.unavailable, scope)) { venue in
            venue.clock.advance(1_000)
            let all = [
                "DELETE v1/order", "GET v1/order", "GET v1/userTrades", "GET v3/positionRisk",
                "GET v1/openOrders",
                "GET v1/openAlgoOrders", "POST v1/order", "POST v1/algoOrder", "GET v3/account",
                "POST v1/leverage",
            ]
            for name in all {
                let parts = name.split(separator: " ").map(String.init)
                let answer = try await venue.call(parts[0], parts[1], "symbol=BTCUSDT&orderId=1")
                #expect((answer.status == 503) == hit.contains(name), "\(name) \(answer.status)")
            }
        }
    }

    @Test("stale snapshots answer as of some seconds ago, single queries don't")
    func stale() async throws {
        try await withVenue(faults: always(.staleSnapshot, milliseconds: 2_000)) { venue in
            /// Each request lets the venue see the time, and so keep what was.
            func wait(_ seconds: Int) async throws {
                for _ in 0..<seconds {
                    venue.clock.advance(1_000)
                    _ = try await venue.send("GET", "/fapi/v1/ping")
                }
            }
            try await wait(4)
            _ = try await venue.buy()
            #expect(try await venue.call("GET", "v3/positionRisk").body == "[]")
            #expect(
                try await venue.call("GET", "v1/order", "symbol=BTCUSDT&origClientOrderId=entry").status
                    == 200
            )
            try await wait(1)
            #expect(try await venue.call("GET", "v3/positionRisk").body == "[]")
            try await wait(3)
            #expect(try await venue.call("GET", "v3/positionRisk").text("0.positionAmt") == "0.01")
            #expect(venue.server.snapshot().faults.count(of: .staleSnapshot) == 3)
        }
    }

    @Test("a silent stream stays connected, loses what happens, and speaks again")
    func silent() async throws {
        let plan = FaultPlan(
            name: "silent",
            rules: [FaultRule(.silentStream, .window(from: .seconds(1), to: .seconds(5)))]
        )
        try await withVenue(faults: plan) { venue in
            let key = try await venue.listenKey()
            let ear = try await venue.listen("/private/ws/\(key)")
            _ = try await venue.buy(id: "a")
            #expect(try await eventually { ear.types().count == 4 })
            venue.clock.advance(2_000)
            _ = try await venue.buy(id: "b")
            #expect(try await eventually { venue.server.snapshot().faults.isAnyOpen })
            #expect(venue.server.snapshot().faults.quietSince == nil)
            venue.clock.advance(4_000)
            _ = try await venue.buy(id: "c")
            #expect(try await eventually { ear.types().count == 8 })
            #expect(ear.isOpen && !ear.box.all.contains { member("o.c", of: $0) == "b" })
            #expect(try await eventually { !venue.server.snapshot().faults.isAnyOpen })
            let entry = venue.server.snapshot().faults.entries.first
            let length = (entry?.endedAt?.milliseconds ?? 0) - (entry?.beganAt.milliseconds ?? 0)
            #expect(entry?.kind == .silentStream && length == 4_000)
        }
    }

    @Test("a disconnect cuts user streams and refuses them until it ends; market streams stay")
    func disconnect() async throws {
        let plan = FaultPlan(
            name: "cut",
            rules: [FaultRule(.disconnect, .window(from: .seconds(1), to: .seconds(5)))]
        )
        try await withVenue(faults: plan) { venue in
            let key = try await venue.listenKey()
            let user = try await venue.listen("/private/ws/\(key)")
            let market = try await venue.listen("/market/ws/btcusdt@markPrice@1s")
            venue.clock.advance(1_000)
            #expect(try await eventually { !user.isOpen })
            await #expect(throws: (any Error).self) { _ = try await venue.listen("/private/ws/\(key)") }
            #expect(market.isOpen)
            venue.clock.advance(4_000)
            #expect(try await venue.listen("/private/ws/\(key)").isOpen)
            #expect(venue.server.snapshot().faults.count(of: .disconnect) == 1)
        }
    }

    @Test("events come twice or late, as told")
    func distorted() async throws {
        try await withVenue(faults: always(.duplicatedEvents)) { venue in
            let ear = try await venue.listen("/private/ws/\(try await venue.listenKey())")
            venue.clock.advance(1_000)
            _ = try await venue.buy()
            try #require(try await eventually { ear.types().count == 8 })
            #expect(
                ear.box.all[0] == ear.box.all[1]
                    && venue.server.snapshot().faults.count(of: .duplicatedEvents) == 4
            )
        }
        try await withVenue(faults: always(.delayedEvents, milliseconds: 150)) { venue in
            let ear = try await venue.listen("/private/ws/\(try await venue.listenKey())")
            venue.clock.advance(1_000)
            let start = ContinuousClock.now
            _ = try await venue.buy()
            #expect(try await eventually { ear.types().count == 4 })
            #expect(ContinuousClock.now - start >= .milliseconds(140))
        }
    }

    @Test("a stop is cancelled behind our back once there is one")
    func stopCancelled() async throws {
        try await withVenue(faults: always(.stopCancelled)) { venue in
            _ = try await venue.buy()
            venue.clock.advance(2_000)
            try await Task.sleep(for: .milliseconds(30))
            #expect(venue.server.snapshot().faults.total == 0)
            _ = try await venue.placeStop(id: "first")
            #expect(try await eventually { venue.server.snapshot().faults.count(of: .stopCancelled) == 1 })
            #expect(venue.server.snapshot().faults.entries.first?.subject == "BTCUSDT first")
            let found = try await venue.call("GET", "v1/algoOrder", "clientAlgoId=first")
            #expect(found.text("algoStatus") == "CANCELED")
            _ = try await venue.placeStop(id: "second")
            try await Task.sleep(for: .milliseconds(30))
            #expect(try await venue.call("GET", "v1/openAlgoOrders").text("0.clientAlgoId") == "second")
        }
    }

    @Test("a listen key expires early while it is in use")
    func keyExpired() async throws {
        try await withVenue(faults: always(.listenKeyExpired)) { venue in
            let key = try await venue.listenKey()
            let ear = try await venue.listen("/private/ws/\(key)")
            venue.clock.advance(1_000)
            #expect(try await eventually { ear.types() == ["listenKeyExpired"] })
            #expect(try await venue.send("PUT", "/fapi/v1/listenKey").code == "-1125")
            #expect(venue.server.snapshot().faults.count(of: .listenKeyExpired) == 1)
        }
    }

    @Test("a venue that is calmed stops every fault at once and closes what was open in the log")
    func calmed() async throws {
        var plan = always(.silentStream)
        plan.rules.append(FaultRule(.unavailable, .every(1, from: .seconds(1)), scope: .orders))
        plan.rules.append(FaultRule(.slowAnswer, .chance(FaultChance(1, in: 1)), scope: .queries))
        try await withVenue(faults: plan) { venue in
            venue.clock.advance(2_000)
            let refused = try await venue.buy(id: "a").status
            let isSilent = try await eventually { venue.server.snapshot().faults.isAnyOpen }
            #expect(refused == 503 && isSilent)
            venue.server.endFaults()
            venue.clock.advance(1_000)
            let status = try await venue.buy(id: "b").status
            let isQuiet = try await eventually { !venue.server.snapshot().faults.isAnyOpen }
            #expect(status == 200 && isQuiet)
            #expect(venue.server.snapshot().faults.total == 2)
        }
    }

    @Test("draws hang on the cause: the same ids meet the same faults whatever else is asked")
    func causes() async throws {
        let plan = FaultPlan(
            name: "some",
            rules: [FaultRule(.unavailable, .chance(FaultChance(1, in: 2)), scope: .orders)]
        )
        var runs: [[Int]] = []
        for extra in [0, 3] {
            var statuses: [Int] = []
            try await withVenue(faults: plan) { venue in
                for attempt in 0..<12 {
                    for _ in 0..<extra { _ = try await venue.call("GET", "v3/balance") }
                    statuses.append(try await venue.buy("0.001", id: "k\(attempt)").status)
                }
            }
            runs.append(statuses)
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].contains(200) && runs[0].contains(503))
    }
}
