import Foundation
import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

@Suite("Operators reach a running engine from the command line", .serialized)
struct OperatorCommandTests {
    private func say(_ arguments: [String], _ life: Life) throws -> (
        code: Int32, output: String, errors: String
    ) {
        try ReckonProcess(arguments + ["--api", "127.0.0.1:\(life.port)"], in: life.folder).finished()
    }

    @Test(
        "flatten, release, cancel-all and resolve-sharing do, refuse with 1 and misuse with 64, in one line"
    )
    func commands() async throws {
        let folder = try ScratchFolder()
        let venue = try await VenueServer.start(VenueSettings(symbols: Life.symbols, seed: 3))
        let life = try Life(folder, venue)
        let process = try life.begin()
        try await life.waitUntilAnswering()
        #expect(await life.waitUntil { $0["ready"] as? Bool == true })
        let done = [
            ["cancel-all", "--reason", "tidy"], ["cancel-all", "--symbol", "ETHUSDT", "--reason", "tidy"],
            ["flatten", "--symbol", "BTCUSDT", "--reason", "storm"], ["status"],
            ["flatten", "--symbol", "BTCUSDT", "--reason", "over", "--release"],
        ]
        var outputs: [String] = []
        for arguments in done {
            let said = try say(arguments, life)
            #expect(said.code == 0, "\(arguments): \(said.errors)")
            #expect(said.errors.isEmpty)
            outputs.append(said.output)
        }
        for output in outputs[2...3] {
            #expect(output.contains("flatten of BTCUSDT since "), "\(output)")
            #expect(output.contains("; storm\n"))
        }
        #expect(!outputs[4].contains("flatten of"))
        let json = try say(["flatten", "--symbol", "ETHUSDT", "--reason", "x", "--json"], life)
        #expect(json.output.hasPrefix("{") && json.output.contains(#""scope":"ETHUSDT""#))
        let refused: [([String], Int32, String)] = [
            (["flatten", "--reason", "x", "--release"], 1, "flattening"),
            (["flatten", "--symbol", "NOPE", "--reason", "x"], 1, "unknown_symbol"),
            (["resolve-sharing", "--reason", "x"], 1, "account_shared"),
            (["flatten", "--symbol", "nope", "--reason", "x"], 64, "scope"),
            (["cancel-all", "--reason", ""], 64, "reason"),
        ]
        for (arguments, code, word) in refused {
            let said = try say(arguments, life)
            #expect(said.code == code, "\(arguments): \(said.errors)")
            #expect(said.errors.contains(word), "\(arguments): \(said.errors)")
            #expect(said.errors.split(separator: "\n").count == 1)
            #expect(said.output.isEmpty)
        }
        #expect(try say(["flatten"], life).code == 64)
        #expect(process.end() == 0)
        let gone = try say(["flatten", "--reason", "x"], life)
        #expect(gone.code == 64)
        #expect(gone.errors.split(separator: "\n").count == 1)
        await venue.stop()
    }

    @Test("a hedged engine trades on a hedged venue; a one-way engine is refused there in one line")
    func hedge() async throws {
        let folder = try ScratchFolder()
        var settings = VenueSettings(symbols: Life.symbols, seed: 4)
        settings.isHedged = true
        let venue = try await VenueServer.start(settings)
        let life = try Life(folder, venue, more: "position_mode = \"hedge\"")
        let process = try life.begin()
        try await life.waitUntilAnswering()
        #expect(await life.waitUntil { $0["ready"] as? Bool == true })
        let body = """
            {"key": "short", "kind": "entry", "symbol": "BTCUSDT", "side": "sell", "position_side": "short",
             "notional_usdt": "300"}
            """
        let answer = try #require(await life.post(body))
        #expect(answer.status == 202, "\(answer)")
        #expect(
            await life.waitUntil { state in
                let positions = state["positions"] as? [[String: Any]] ?? []
                return positions.count == 1 && positions[0]["position_side"] as? String == "short"
                    && positions[0]["covered"] as? Bool == true
            }
        )
        #expect(process.end() == 0)
        let page = folder.path("past.html")
        let asked = ["policy", "eval", life.policy, "--journal", life.journal, "--json", "--html", page]
        let past = try ReckonProcess(asked, in: life.folder).finished()
        #expect(past.code == 0, "\(past.errors)")
        #expect(past.output.contains("\"would_refuse\" : 0"), "\(past.output)")
        let drawn = try String(contentsOfFile: page, encoding: .utf8)
        #expect(drawn.contains("<svg") && drawn.contains("What steady would have done"))
        let plain = try Life(folder, venue)
        let said = try ReckonProcess(plain.arguments, in: plain.folder).finished()
        #expect(said.code == 64)
        #expect(said.errors.contains("position mode"), "\(said.errors)")
        await venue.stop()
    }

    @Test("reckon venue --hedge says that its account is hedged")
    func hedgedVenue() async throws {
        let folder = try ScratchFolder()
        let process = try ReckonProcess(["venue", "--listen", "127.0.0.1:0", "--hedge"], in: folder.url)
        try await Task.sleep(for: .seconds(1))
        #expect(process.end() == 0)
        #expect(process.finished().output.contains("hedge mode"))
    }
}
