import Foundation
import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

@Suite("The venue's dead-man switch", .serialized)
struct DeadManTests {
    private static func entry(_ key: String, _ rest: String) -> String {
        #"{"key": "\#(key)", "kind": "entry", "symbol": "BTCUSDT", "side": "buy", \#(rest)}"#
    }

    private func eventually(_ holds: () async -> Bool) async -> Bool {
        for _ in 0..<250 {
            if await holds() { return true }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    @Test(
        "a living engine keeps its entries on the book; after kill -9 they vanish, the stop and the position stay"
    )
    func killed() async throws {
        let folder = try ScratchFolder()
        let venue = try await VenueServer.start(VenueSettings(symbols: Life.symbols, seed: 9))
        let life = try Life(folder, venue, more: "[router]\ndead_man_sec = 4")
        let process = try life.begin()
        try await life.waitUntilAnswering()
        #expect(await life.waitUntil { $0["ready"] as? Bool == true })
        let open = DeadManTests.entry("open", #""notional_usdt": "300", "stop": {"distance_bps": 1500}"#)
        #expect(await eventually { await life.post(open)?.status == 202 })
        #expect(await eventually { venue.snapshot().openAlgoOrders.count == 1 })
        let mark = try #require(venue.snapshot().positions.first { !$0.quantity.isZero }?.entryPrice)
        let price = mark.scaled(by: 9, over: 10, rounding: .down)
            .rounded(.down, toMultipleOf: Price(units: Price.scale))
        let rest = DeadManTests.entry(
            "rest",
            #""type": "limit", "price": "\#(price)", "notional_usdt": "300", "deadline_sec": 600"#
        )
        #expect(await eventually { await life.post(rest)?.status == 202 })
        #expect(await eventually { venue.snapshot().openOrders.count == 1 })
        // Twice the countdown: without being wound up it would have fired.
        try await Task.sleep(for: .seconds(8))
        #expect(venue.snapshot().openOrders.count == 1, "the countdown fired under a living engine")
        process.kill()
        #expect(venue.snapshot().openOrders.count == 1)
        #expect(await eventually { venue.snapshot().openOrders.isEmpty }, "the entry outlived its engine")
        let truth = venue.snapshot()
        #expect(truth.openAlgoOrders.count == 1, "the stop fell too")
        #expect(truth.positions.contains { !$0.quantity.isZero })
        let next = try life.begin()
        #expect(
            await life.waitUntil { state in
                let positions = state["positions"] as? [[String: Any]] ?? []
                return (state["open_intents"] as? [Any])?.isEmpty == true && positions.count == 1
                    && positions[0]["covered"] as? Bool == true
            },
            "the next engine does not know that the entry is gone, or that the position is covered"
        )
        #expect(next.end() == 0)
        await venue.stop()
    }
}
