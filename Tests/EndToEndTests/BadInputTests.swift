import Foundation
import Testing

@Suite("Bad input ends in one line and exit code 64")
struct BadInputTests {
    struct Misuse: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        /// What the line must name.
        let names: [String]
        var settings: String?
        var code: Int32 = 64

        var testDescription: String { (settings ?? "") + arguments.joined(separator: " ") }
    }

    static let misuses = [
        Misuse(
            arguments: ["run", "--policy", "policies/none", "--venue", "embedded"],
            names: ["policies/none"]
        ),
        Misuse(arguments: ["run", "--config", "absent.toml"], names: ["absent.toml"]),
        Misuse(
            arguments: ["run", "--duration", "0", "--venue", "embedded"],
            names: ["--duration", "found 0"]
        ),
        Misuse(arguments: ["run", "--venue", "nowhere"], names: ["nowhere", "allowed"]),
        Misuse(arguments: ["run", "--faults", "wild", "--demo"], names: ["wild", "allowed"]),
        Misuse(arguments: ["run", "--api", "0.0.0.0:1", "--venue", "embedded"], names: ["0.0.0.0"]),
        Misuse(arguments: ["venue", "--listen", "here"], names: ["--listen", "here"]),
        Misuse(arguments: ["venue", "--symbols", "BTC USDT"], names: ["--symbols"]),
        Misuse(
            arguments: ["policy", "eval", "policies/none", "--trace", "absent.jsonl"],
            names: ["policies/none"]
        ),
        Misuse(arguments: ["nonsense"], names: ["nonsense"]),
        Misuse(
            arguments: ["run", "--config", "reckon.toml"],
            names: ["reckon.toml:2", "colour", "allowed"],
            settings: "[limits]\ncolour = 3\n"
        ),
        Misuse(
            arguments: ["run", "--config", "reckon.toml"],
            names: ["reckon.toml:2", "max_leverage", "allowed"],
            settings: "[limits]\nmax_leverage = \"many\"\n"
        ),
        Misuse(
            arguments: ["run", "--config", "reckon.toml"],
            names: ["reckon.toml:2", "max_notional_usdt", "-5"],
            settings: "[limits]\nmax_notional_usdt = -5\n"
        ),
    ]

    @Test("a misuse is named in one line", arguments: misuses)
    func misuse(_ misuse: Misuse) throws {
        let folder = try ScratchFolder()
        if let settings = misuse.settings { _ = try folder.write(settings, to: "reckon.toml") }
        let said = try ReckonProcess(misuse.arguments, in: folder.url).finished()
        #expect(said.code == misuse.code, "\(said.errors)")
        let line = said.errors.split(separator: "\n").first.map(String.init) ?? ""
        for name in misuse.names { #expect(line.contains(name), "found: \(said.errors)") }
        #expect(said.output.isEmpty)
    }

    @Test("a changed number in a policy changes its knobs without a compile")
    func editedPolicy() throws {
        let folder = try ScratchFolder()
        let source = ReckonProcess.project.appendingPathComponent("policies/baseline/policy.lua")
        let text = try String(contentsOf: source, encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.contains("risk_slope = param(") })
        let edited = text.replacingOccurrences(of: String(line), with: line.replacing("0.35", with: "0.7"))
        #expect(edited != text)
        _ = try folder.write(text, to: "before/policy.lua")
        _ = try folder.write(edited, to: "after/policy.lua")
        let trace = """
            {"trace": "one", "params": {}, "limits": {"max_notional_usdt": 1000, "max_leverage": 20, \
            "min_entry_conf": 0.25, "entry_cooldown_seconds": 8, "max_open_orders_per_symbol": 4}}
            {"now": 1, "belief": {"debt_sec": 120}}
            """
        _ = try folder.write(trace, to: "trace.jsonl")
        func knobs(_ policy: String) throws -> String {
            let said = try ReckonProcess(
                ["policy", "eval", policy, "--trace", "trace.jsonl"],
                in: folder.url
            ).finished()
            #expect(said.code == 0, "\(said.errors)")
            return said.output
        }
        let before = try knobs("before")
        let after = try knobs("after")
        #expect(
            before.contains("\"max_notional_usdt\":860") || before.contains("\"max_notional_usdt\": 860"),
            "\(before)"
        )
        #expect(
            after.contains("\"max_notional_usdt\":720") || after.contains("\"max_notional_usdt\": 720"),
            "\(after)"
        )
    }
}
