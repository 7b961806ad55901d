import Foundation
import Testing

@Suite("Prices from files, as the shell sees them", .serialized)
struct PriceOptionTests {
    static let header =
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"

    /// Candles of a minute each that rise by `step` per candle.
    static func candles(risingBy step: Int) -> String {
        let start: Int64 = 1_700_000_000_000
        let rows = (0..<5).map { index in
            let opensAt = start + Int64(index) * 60_000
            let open = 60_000 + index * step
            let close = open + step
            return "\(opensAt),\(open),\(close),\(open),\(close),1,\(opensAt + 59_999),1,1,1,1,0"
        }
        return ([header] + rows).joined(separator: "\n") + "\n"
    }

    static func run(_ words: String...) throws -> CommandRun.Ending {
        try CommandRun(["--scenario"] + words + ["--seed", "3", "--hours", "0.02", "--json"]).ended()
    }

    @Test("a scenario's own file is read, and the trace says what was read")
    func scenario() throws {
        let folder = try ScratchFolder()
        let trace = folder.path + "/trace"
        let ending = try PriceOptionTests.run("examples/scenarios/file-prices.toml", "--trace", trace)
        #expect(ending.code == 0)
        let text = try String(contentsOfFile: trace, encoding: .utf8)
        #expect(text.contains(" 120 rows 11086 bytes digest "))
    }

    @Test("the option goes before the scenario; other prices are another world, the same ones the same")
    func option() throws {
        let folder = try ScratchFolder()
        let flat = try folder.write(PriceOptionTests.candles(risingBy: 1), to: "flat.csv")
        let steep = try folder.write(PriceOptionTests.candles(risingBy: 90), to: "steep.csv")
        let hashes = try [flat, steep, flat].map { file in
            let ending = try PriceOptionTests.run("calm", "--prices", "BTCUSDT=\(file)")
            #expect(ending.code == 0)
            return try SimulationDocument(ending.output).runs.map(\.trace_hash)
        }
        #expect(hashes[0] == hashes[2])
        #expect(hashes[0] != hashes[1])
    }

    @Test("a bad row is refused before the run, with file, line and reason")
    func badRow() throws {
        let folder = try ScratchFolder()
        let good = PriceOptionTests.candles(risingBy: 1)
        let bad = good.replacingOccurrences(of: ",60002,", with: ",x,")
        let file = try folder.write(bad, to: "bad.csv")
        let ending = try PriceOptionTests.run("calm", "--prices", "BTCUSDT=\(file)")
        #expect(ending.code == 64)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.contains("\(file):3: high 'x' is no plain number"))
    }

    @Test("a symbol that the scenario does not trade, and a file that is not there, are refused by name")
    func unknown() throws {
        let stranger = try PriceOptionTests.run("calm", "--prices", "ZZZUSDT=examples/prices/BTCUSDT-1m.csv")
        #expect(stranger.code == 64)
        #expect(stranger.errors.contains("found ZZZUSDT, allowed the scenario's symbols: BTCUSDT, ETHUSDT"))
        let absent = try PriceOptionTests.run("calm", "--prices", "BTCUSDT=/nowhere/prices.csv")
        #expect(absent.code == 64)
        #expect(absent.errors.contains("/nowhere/prices.csv"))
    }
}
