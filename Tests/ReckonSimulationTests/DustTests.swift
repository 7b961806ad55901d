import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation
import Testing

/// A position smaller than the venue's least order: what partial fills, deleveraging and hands can leave behind.
@Suite("Dust below the least order")
struct DustTests {
    static let ether = Symbol("ETHUSDT")

    static func quantity(_ text: String) -> Quantity { (try? Quantity(parsing: text)) ?? .zero }

    /// Steps of 0.001, and no order under 0.01.
    static func rig(_ book: Symbol, holding size: String) -> VenueRig {
        var listing = ExchangeConfiguration(symbols: [ether])
        listing.stepMilliseconds = 1_000
        listing.isHedged = book.leg != nil
        for index in listing.markets.indices {
            listing.markets[index].instrument.minQuantity = quantity("0.01")
            guard case .seeded(let walk) = listing.markets[index].source else { continue }
            let point = PricePoint(offset: .zero, price: walk.start)
            listing.markets[index].source = .recorded(RecordedPrices(points: [point]))
        }
        var rig = VenueRig(listing, [book]) { _ in }
        rig.advance(by: .seconds(3))
        rig.meddle { $0.tradeByHand(book, .buy, quantity(size)) }
        rig.advance(by: .seconds(12))
        return rig
    }

    private static func exits(_ rig: VenueRig) -> [Quantity] {
        rig.arrived.compactMap { row in
            guard case .place(let placement) = row.request, placement.ticket.role == .exit else { return nil }
            return placement.ticket.quantity
        }
    }

    @Test(
        "a close sends the least order, reduce-only, and the venue cuts it to what is held",
        arguments: [false, true]
    )
    func close(isLimit: Bool) {
        var rig = DustTests.rig(DustTests.ether, holding: "0.004")
        #expect(rig.held(DustTests.ether) == DustTests.quantity("0.004"))
        #expect(rig.exchange.openAlgoOrders().count == 1, "dust has its stop too")
        var exit = ExitIntent(key: "x", symbol: DustTests.ether)
        if isLimit, let low = try? Price(parsing: "2990") { exit.pricing = .limit(low, .goodTillCancel) }
        guard case .accepted = rig.submit(.exit(exit)) else {
            Issue.record("refused")
            return
        }
        #expect(rig.held(DustTests.ether).isZero)
        rig.advance(by: .seconds(10))
        #expect(rig.held(DustTests.ether).isZero)
        #expect(DustTests.exits(rig) == [DustTests.quantity("0.01")])
        #expect(rig.engine.state.openIntents.isEmpty)
        #expect(rig.exchange.openAlgoOrders().isEmpty)
    }

    @Test("a flatten ends although only dust is held")
    func flatten() {
        var rig = DustTests.rig(DustTests.ether, holding: "0.004")
        rig.step(.command(.flatten(.account, reason: "drill"), ticket: 0))
        rig.advance(by: .seconds(20))
        #expect(rig.held(DustTests.ether).isZero)
        #expect(rig.engine.state.flattens.rows.allSatisfy { $0.value.isDone })
    }

    @Test("a part below the least order is refused with what is allowed, and a rest below it ends an exit")
    func part() {
        var rig = DustTests.rig(DustTests.ether, holding: "0.03")
        let small = ExitExtent.reduce(by: DustTests.quantity("0.004"))
        guard
            case .refused(let refusal) = rig.submit(
                .exit(ExitIntent(key: "a", symbol: DustTests.ether, extent: small))
            )
        else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.rule == .sizeOffStep)
        #expect(refusal.message.contains("0.01"))
        // Down to 0.025: no order can take 0.005 away.
        let down = ExitExtent.down(to: DustTests.quantity("0.025"))
        _ = rig.submit(.exit(ExitIntent(key: "b", symbol: DustTests.ether, extent: down)))
        #expect(rig.engine.state.openIntents.isEmpty)
        #expect(DustTests.exits(rig).isEmpty)
        #expect(rig.held(DustTests.ether) == DustTests.quantity("0.03"))
    }

    @Test("a stop of dust is moved without a moment bare")
    func move() {
        var rig = DustTests.rig(DustTests.ether, holding: "0.004")
        guard let at = try? Price(parsing: "2850") else { return }
        _ = rig.submit(.protect(ProtectIntent(key: "p", symbol: DustTests.ether, stop: .price(at))))
        rig.advance(by: .seconds(10))
        #expect(rig.exchange.openAlgoOrders().map(\.triggerPrice) == [at])
        let bare = rig.exchange.record.nakedIntervals.filter {
            $0.from > rig.exchange.record.startsAt + .seconds(12)
        }
        #expect(bare.isEmpty)
    }

    @Test("dust of a leg cannot be closed by any order: it keeps its stop, and the close goes on with pauses")
    func leg() {
        let book = DustTests.ether.leg(.long)
        var rig = DustTests.rig(book, holding: "0.004")
        let before = rig.arrived.count
        _ = rig.submit(.exit(ExitIntent(key: "x", symbol: book)))
        rig.advance(by: .seconds(120))
        #expect(rig.held(book) == DustTests.quantity("0.004"))
        #expect(rig.exchange.openAlgoOrders().contains { $0.closesPosition })
        let sends = rig.arrived.dropFirst(before).filter { row in
            guard case .place(let placement) = row.request else { return false }
            return placement.ticket.role == .exit
        }
        #expect((2...60).contains(sends.count), "\(sends.count) sends")
        #expect(rig.engine.state.openIntents.count == 1)
    }
}
