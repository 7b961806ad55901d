import Foundation
import ReckonEngine
import ReckonExchange
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonTestRig
import ReckonVenue
import Testing

@Suite("What happened at the venue while the engine was down", .serialized)
struct ByHandTests {
    private let amount = Quantity(units: 1_000_000)

    @Test("a position that was opened by hand is taken up and gets a stop")
    func opened() async throws {
        let rig = try await Rig.start()
        await rig.engine.stop()
        rig.venue.change { $0.tradeByHand(Rig.symbol, .buy, amount) }
        let again = try await Rig.start(rig.venue, journal: rig.folder.path("journal.sqlite"), Switchboard())
        try await rig.eventually("the position known and covered") {
            let holding = again.snapshot.holdings.first { $0.symbol == Rig.symbol }
            return holding?.position.quantity == amount && holding?.nakedSince == nil
                && rig.venue.snapshot().record.openNakedInterval(Rig.symbol) == nil
        }
        #expect(again.snapshot.holdings.first { $0.symbol == Rig.symbol }?.isOurs == false)
        await end(rig, again)
    }

    @Test("a position that was closed by hand is known to be flat, and its stop with it")
    func closed() async throws {
        let rig = try await Rig.start()
        try await rig.open("one")
        await rig.engine.stop()
        let held = try #require(rig.venue.snapshot().positions.first { !$0.quantity.isZero }).quantity
        rig.venue.change { $0.tradeByHand(Rig.symbol, held.isPositive ? .sell : .buy, held.magnitude) }
        let again = try await Rig.start(rig.venue, journal: rig.folder.path("journal.sqlite"), Switchboard())
        try await rig.eventually("flat here, and no stop left at the venue") {
            let truth = rig.venue.snapshot()
            return again.snapshot.holdings.allSatisfy { $0.position.isFlat }
                && !again.snapshot.orders.contains { $0.ticket.role == .stop && $0.isResting }
                && truth.positions.allSatisfy { $0.quantity.isZero }
        }
        await end(rig, again)
    }

    @Test("a position that was turned round by hand gets a stop on its new side")
    func turned() async throws {
        let rig = try await Rig.start()
        try await rig.open("one")
        await rig.engine.stop()
        let held = try #require(rig.venue.snapshot().positions.first { !$0.quantity.isZero }).quantity
        rig.venue.change {
            $0.tradeByHand(Rig.symbol, held.isPositive ? .sell : .buy, held.magnitude + amount)
        }
        let again = try await Rig.start(rig.venue, journal: rig.folder.path("journal.sqlite"), Switchboard())
        try await rig.eventually("the other side known and covered") {
            let holding = again.snapshot.holdings.first { $0.symbol == Rig.symbol }
            let wanted = held.isPositive ? -amount : amount
            return holding?.position.quantity == wanted && holding?.nakedSince == nil
                && rig.venue.snapshot().record.openNakedInterval(Rig.symbol) == nil
        }
        await end(rig, again)
    }

    @Test(
        "where the venue cannot be asked exits are taken on and entries are not, and the exit is done once it can"
    )
    func exitsOnly() async throws {
        let rig = try await Rig.start()
        try await rig.open("one")
        await rig.engine.stop()
        let board = Switchboard()
        board.isVenueDown = true
        let again = try await Rig.start(rig.venue, journal: rig.folder.path("journal.sqlite"), board)
        #expect(again.reasonsNotReady.contains { $0.hasPrefix("starting") })
        #expect(again.reasonsNotReady.contains { $0.hasPrefix("venue access") })
        guard case .answered(.accepted) = await again.submit(rig.exit("way-out")) else {
            Issue.record("the exit was not taken on")
            return
        }
        guard case .answered(.refused(let refusal)) = await again.submit(rig.entry("two")) else {
            Issue.record("an entry was taken on")
            return
        }
        #expect(refusal.rule == .starting)
        #expect(board.placed(.entry) == 0)
        board.isVenueDown = false
        try await rig.eventually("flat at the venue and here") {
            rig.venue.snapshot().positions.allSatisfy { $0.quantity.isZero }
                && again.snapshot.holdings.allSatisfy { $0.position.isFlat }
                && again.snapshot.openIntents.isEmpty
        }
        await end(rig, again)
    }

    private func end(_ rig: Rig, _ engine: EngineHost) async {
        await engine.stop()
        await rig.venue.stop()
    }
}
