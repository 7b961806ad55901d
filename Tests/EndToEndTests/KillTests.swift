import Foundation
import ReckonEngine
import ReckonExchange
import ReckonJournal
import ReckonModel
import ReckonSimulation
import ReckonVenue
import Testing

@Suite("kill -9 in the middle of traffic", .serialized)
struct KillTests {
    /// A process that dies at any instant loses no intent, doubles no order, and leaves no position without a stop.
    @Test("after kill -9 and restart nothing is lost, doubled or left bare", arguments: [UInt64(11)])
    func killAndRestart(seed: UInt64) async throws {
        let folder = try ScratchFolder()
        var dice = Dice(seed: seed)
        let venue = try await startVenue(seed)
        let life = try Life(folder, venue)
        let traffic = Traffic(base: "http://127.0.0.1:\(life.port)", seed: seed)
        let trading = Task { await traffic.trade() }
        for _ in 0..<4 {
            let process = try life.begin()
            try await life.waitUntilAnswering()
            try await Task.sleep(for: .milliseconds(1_500 + Int64(dice.roll(below: 2_500))))
            process.kill()
        }
        let last = try life.begin()
        traffic.stop()
        venue.endFaults()
        await trading.value
        let isAtRest = await life.waitForRest(venue)
        #expect(isAtRest, "open intents or doubts are left a minute after the last fault")
        #expect(last.end() == 0)
        let truth = venue.snapshot()
        await venue.stop()
        let facts = try Journal(path: life.journal, engine: "e2e", at: Instant(nanoseconds: 0)).reader.load()
        let evidence = RunEvidence(
            record: truth.record,
            facts: facts,
            configuration: life.configuration,
            until: truth.now,
            refusedExits: traffic.refusedExits
        )
        let report = ReliabilityReport(evidence)
        #expect(report.holds, "\(report.complaints)")
        #expect(
            traffic.accepted > 3,
            "only \(traffic.accepted) intents were accepted: the test shows nothing"
        )
        #expect(facts.count { if case .started = $0.fact { true } else { false } } == 5)
        for symbol in life.configuration.symbols {
            let held = truth.record.position(of: symbol, asOf: truth.now)
            #expect(held.isZero || truth.record.openNakedInterval(symbol) == nil, "\(symbol) is bare")
        }
    }

    private func startVenue(_ seed: UInt64) async throws -> VenueServer {
        let chance = FaultChance(1, in: 5)
        let plan = FaultPlan(
            name: "lost",
            rules: [
                FaultRule(.answerLost, .chance(chance), scope: .orders),
                FaultRule(.requestLost, .chance(FaultChance(1, in: 12)), scope: .orders),
            ]
        )
        return try await VenueServer.start(VenueSettings(symbols: Life.symbols, seed: seed, faults: plan))
    }
}
