import Foundation
import ReckonEngine
import ReckonExchange
import ReckonJournal
import ReckonModel
import ReckonVenue
import Testing

@Suite("The built engine and its disk", .serialized)
struct DiskTests {
    private static let entry = """
        {"key": "KEY", "kind": "entry", "symbol": "BTCUSDT", "side": "buy", "notional_usdt": "200",
         "stop": {"distance_bps": 200}}
        """

    private static func entry(_ key: String) -> String { entry.replacingOccurrences(of: "KEY", with: key) }

    private static let exit = #"{"key": "way-out", "kind": "exit", "symbol": "BTCUSDT", "close": true}"#

    /// No file of a process may grow beyond so many bytes, as on a disk that is full; needs no privilege, unlike a mount.
    private func limitFiles(of process: ReckonProcess, to bytes: UInt64?) throws -> Bool {
        let tool = Process()
        tool.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
        let limit = bytes.map { "\($0)" } ?? "unlimited"
        tool.arguments = ["--pid", "\(process.number)", "--fsize=\(limit):"]
        try tool.run()
        tool.waitUntilExit()
        return tool.terminationStatus == 0
    }

    private func isDown(_ state: [String: Any]) -> Bool {
        (state["journal"] as? [String: Any])?["down"] as? Bool == true
    }

    private func isOpen(_ state: [String: Any]) -> Bool { (state["positions"] as? [Any])?.isEmpty == false }

    @Test(
        "on a full disk exits leave and entries don't; once there is room all is written, and survives kill -9"
    )
    func fullDisk() async throws {
        let folder = try ScratchFolder()
        let venue = try await VenueServer.start(VenueSettings(symbols: Life.symbols, seed: 5))
        let life = try Life(folder, venue)
        let process = try life.begin()
        try await life.waitUntilAnswering()
        #expect(await life.waitUntil { $0["ready"] as? Bool == true })
        #expect(await life.post(DiskTests.entry("before"))?.status == 202)
        #expect(await life.waitUntil(isOpen))
        let size = try #require(
            FileManager.default.attributesOfItem(atPath: life.journal + "-wal")[.size] as? UInt64
        )
        try #require(try limitFiles(of: process, to: size))
        #expect(await life.waitUntil(isDown), "the alarm is not in the state")
        let journal = await life.state()?["journal"] as? [String: Any]
        #expect((journal?["reason"] as? String)?.contains(life.journal) == true)
        let refused = try #require(await life.post(DiskTests.entry("during")))
        #expect(refused.status != 202 && refused.body.contains("journal_down"), "\(refused)")
        let orders = venue.snapshot().record.orders.count
        // The exit is not durable and so not answered, and leaves all the same.
        async let answer = life.post(DiskTests.exit)
        var isFlat = false
        for _ in 0..<100 where !isFlat {
            try await Task.sleep(for: .milliseconds(50))
            isFlat = venue.snapshot().positions.allSatisfy { $0.quantity.isZero }
        }
        #expect(isFlat && venue.snapshot().record.orders.count == orders + 1)
        try #require(try limitFiles(of: process, to: nil))
        #expect(await life.waitUntil { !isDown($0) && $0["ready"] as? Bool == true })
        _ = await answer
        #expect(await life.post(DiskTests.exit)?.status == 202, "the exit is not known under its key")
        process.kill()
        let facts = try Journal(path: life.journal, engine: "e2e", at: Instant(nanoseconds: 0)).reader.load()
        let latches = facts.count { if case .journalLatched = $0.fact { true } else { false } }
        #expect(latches == facts.count { if case .journalRecovered = $0.fact { true } else { false } })
        #expect(latches > 0)
        let exits = facts.count { fact in
            guard case .intentAccepted(let acceptance) = fact.fact, case .exit = acceptance.intent else {
                return false
            }
            return true
        }
        #expect(exits == 1)
        await venue.stop()
    }

    @Test(
        "a second engine on the same journal is refused in one line; after kill -9 of the first it is let in"
    )
    func secondEngine() async throws {
        let folder = try ScratchFolder()
        let venue = try await VenueServer.start(VenueSettings(symbols: Life.symbols, seed: 6))
        let life = try Life(folder, venue)
        let first = try life.begin()
        try await life.waitUntilAnswering()
        let arguments = life.arguments.map { $0 == "127.0.0.1:\(life.port)" ? "127.0.0.1:0" : $0 }
        let said = try ReckonProcess(arguments, in: life.folder).finished()
        #expect(said.code == 64)
        let lines = said.errors.split(separator: "\n").filter { $0.contains("reckon run:") }
        #expect(
            lines.count == 1 && said.errors.contains("in use by process \(first.number)"),
            "\(said.errors)"
        )
        #expect(first.isRunning)
        first.kill()
        let second = try life.begin()
        try await life.waitUntilAnswering()
        #expect(await life.waitUntil { $0["ready"] as? Bool == true })
        #expect(second.end() == 0)
        await venue.stop()
    }

    @Test("a journal that was cut short is refused in one line that names it")
    func cutShort() async throws {
        let folder = try ScratchFolder()
        let venue = try await VenueServer.start(VenueSettings(symbols: Life.symbols, seed: 7))
        let life = try Life(folder, venue)
        let first = try life.begin()
        try await life.waitUntilAnswering()
        #expect(await life.waitUntil { $0["ready"] as? Bool == true })
        first.kill()
        try FileHandle(forWritingTo: URL(fileURLWithPath: life.journal + "-wal")).truncate(atOffset: 20_000)
        let said = try ReckonProcess(life.arguments, in: life.folder).finished()
        #expect(said.code == 64 && said.errors.contains(life.journal), "\(said.errors)")
        #expect(said.errors.contains("was stored once"), "\(said.errors)")
        await venue.stop()
    }
}
