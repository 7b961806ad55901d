import ArgumentParser
import Foundation
import ReckonExchange
import ReckonModel
import ReckonSimulation

/// Opens the files of prices that a scenario names.
enum PriceFile {
    /// Reads every file once, to its end, so that a bad row is found before the run.
    static func read(into scenario: inout Scenario) throws(ScenarioProblem) {
        var first: PriceSeries?
        for (symbol, path) in scenario.priceFiles {
            guard scenario.symbols.contains(symbol) else {
                let allowed = scenario.symbols.map(\.name).joined(separator: ", ")
                throw ScenarioProblem(
                    text: "prices: found \(symbol), allowed the scenario's symbols: \(allowed)"
                )
            }
            let series: PriceSeries
            do throws(PriceRefusal) {
                series = try PriceSeries(symbol, file: path) { source(path) }
            } catch {
                throw ScenarioProblem(text: error.text)
            }
            if let first, first.summary.startsAt != series.summary.startsAt {
                throw ScenarioProblem(
                    text: "\(path): begins at \(series.summary.startsAt.milliseconds) ms, \(first.file) at "
                        + "\(first.summary.startsAt.milliseconds) ms; cut both to the same first row"
                )
            }
            first = first ?? series
            scenario.prices[symbol] = series
        }
    }

    /// The bytes of a file from its beginning; the file closes when nobody reads on.
    private static func source(_ path: String) -> ByteSource? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        return { buffer in
            do {
                // Nothing is the end of the file, and no failure.
                guard let chunk = try file.read(upToCount: buffer.count) else { return 0 }
                chunk.copyBytes(to: buffer)
                return chunk.count
            } catch {
                return -1
            }
        }
    }
}

/// `SYMBOL=FILE` on a command line.
struct PriceSetting: ExpressibleByArgument {
    let symbol: Symbol
    let file: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        symbol = Symbol(String(parts[0]))
        file = String(parts[1])
    }
}
