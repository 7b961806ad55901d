import Foundation
import ReckonEngine
import ReckonHost
import ReckonModel
import ReckonTestRig
import Testing

@Suite("A configuration that cannot work refuses the start in one line")
struct ConfigurationTests {
    /// A text, and what the refusal must name: line, key, found, allowed.
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let line: Int
        let parts: [String]

        init(_ text: String, line: Int, _ parts: String...) {
            self.text = text
            self.line = line
            self.parts = parts
        }

        var testDescription: String { text }
    }

    static let rows: [Row] = [
        Row("[engine]\nid = 5", line: 2, "engine.id", "found 5", "text"),
        Row("[engine]\nid = \"TOO-LOUD\"", line: 2, "engine.id", "\"TOO-LOUD\"", "a-z 0-9"),
        Row("[engine]\nid = \"ninechars\"", line: 2, "engine.id", "1 to 8"),
        Row("[engine]\nsymbols = \"BTCUSDT\"", line: 2, "engine.symbols", "\"BTCUSDT\"", "symbols"),
        Row("[engine]\nsymbols = [\"btcusdt\"]", line: 2, "engine.symbols", "\"btcusdt\"", "A-Z 0-9"),
        Row("[engine]\nsymbols = []", line: 2, "engine.symbols", "0 different"),
        Row("[engine]\nsymbols = [\"A\", \"A\"]", line: 2, "engine.symbols", "1 different of 2"),
        Row(
            "[engine]\non_halt = \"panic\"",
            line: 2,
            "engine.on_halt",
            "\"panic\"",
            "\"cancel_entries\", \"keep\""
        ),
        Row("[limits]\n\nmax_leverage = 0", line: 3, "limits.max_leverage", "found 0", "from 1 to 125"),
        Row("[limits]\nmax_leverage = 2.5", line: 2, "limits.max_leverage", "found 2.5", "a whole number"),
        Row("[limits]\nmax_notional_usdt = -1", line: 2, "limits.max_notional_usdt", "found -1", "from 0"),
        Row("[limits]\nmax_notional_usdt = inf", line: 2, "limits.max_notional_usdt", "inf"),
        Row("[limits]\nmin_entry_conf = nan", line: 2, "limits.min_entry_conf", "nan", "from 0 to 1"),
        Row("[limits]\nmin_entry_conf = \"0.5\"", line: 2, "limits.min_entry_conf", "\"0.5\"", "a number"),
        Row("[policy]\nhalt_on_red = 1", line: 2, "policy.halt_on_red", "found 1", "true or false"),
        Row("[policy.params]\nfloor = \"low\"", line: 2, "policy.params.floor", "\"low\"", "a number"),
        Row("[venue]\nurl = \"\"", line: 2, "venue.url", "\"\""),
        Row("[reconcile]\ninterval_sec = 0", line: 2, "reconcile.interval_sec", "found 0", "0.2 to 300"),
        Row(
            "[reconcile]\nstream_warn_sec = 90",
            line: 1,
            "stream_critical_sec",
            "found 90",
            "more than the 90"
        ),
        Row("[router]\nmax_attempts = true", line: 2, "router.max_attempts", "found true", "whole number"),
        Row("[protection]\ndefault_distance_bps = 9000", line: 2, "default_distance_bps", "1 to 5000"),
        Row("[journal]\nslow_after_ms = 900", line: 2, "journal.slow_after_ms", "found 900", "10 to 250"),
        Row("[api]\nlisten = \"8787\"", line: 2, "api.listen", "\"8787\"", "HOST:PORT"),
        Row("[api]\nlisten = \"127.0.0.1:99999\"", line: 2, "api.listen", "99999", "65535"),
        Row("[alerts]\nlog_level = \"loud\"", line: 2, "alerts.log_level", "\"loud\"", "\"debug\", \"info\""),
        Row("engine = 3", line: 1, "engine", "found 3", "a table"),
        Row("[limits]\nmax_levrage = 3", line: 2, "limits.max_levrage", "an unknown key", "max_leverage"),
        Row("[extras]\na = 1", line: 1, "extras", "an unknown key", "alerts, api, engine"),
        Row("[engine\nid = 1", line: 1, "syntax error", "TOML"),
        Row("[limits]\nmax_leverage = 1\nmax_leverage = 2", line: 3, "syntax error"),
    ]

    @Test(
        "unknown keys, wrong types and impossible values name file, line, key, found and allowed",
        arguments: rows
    )
    func refused(_ row: Row) throws {
        let refusal = try #require(throws: Misconfiguration.self) {
            _ = try HostConfiguration(parsing: row.text, file: "reckon.toml")
        }
        let text = refusal.description
        #expect(text.hasPrefix("reckon.toml:\(row.line): "), "\(text)")
        for part in row.parts { #expect(text.contains(part), "\(text)") }
        #expect(text.split(whereSeparator: { $0.isNewline }).count == 1)
    }

    @Test("a secret written into the file by mistake is not repeated")
    func strayedSecret() throws {
        let refusal = try #require(throws: Misconfiguration.self) {
            _ = try HostConfiguration(parsing: "[venue]\napi_secret = \"hunter2\"", file: "reckon.toml")
        }
        #expect(!refusal.description.contains("hunter2"))
        #expect(refusal.description.contains("api_secret_file"))
    }

    @Test("the example of the documentation is sound and says every key's default or better")
    func example() throws {
        let path = TestFolder.project.appendingPathComponent("examples/reckon.toml").path
        let configuration = try HostConfiguration(reading: path)
        #expect(FileManager.default.fileExists(atPath: configuration.policy.directory))
        let plain = HostConfiguration()
        #expect(configuration.engine == plain.engine)
        #expect(configuration.api == plain.api)
    }

    @Test("values arrive where they belong")
    func values() throws {
        let text = """
            [engine]
            id = "desk7"
            symbols = ["SOLUSDT"]
            on_halt = "keep"
            [limits]
            max_notional_usdt = 2500
            max_leverage = 3
            [policy]
            directory = "mine"
            halt_seconds = 90
            [policy.params]
            floor = 0.5
            [reconcile]
            interval_sec = 2.5
            stream_warn_sec = 10
            stream_critical_sec = 30
            [router]
            window_ms = 1500
            [journal]
            path = "/tmp/j.sqlite"
            slow_after_ms = 200
            [api]
            listen = "[::1]:9000"
            """
        let folder = URL(fileURLWithPath: "/etc/reckon")
        let read = try HostConfiguration(parsing: text, file: "x.toml", folder: folder)
        #expect(read.engine.engineID == "desk7")
        #expect(read.engine.symbols == [Symbol("SOLUSDT")])
        #expect(!read.engine.cancelsEntriesOnHalt)
        #expect(read.engine.limits.maxNotional == 2500)
        #expect(read.engine.guardSettings.haltSeconds == 90)
        #expect(read.engine.reconcileEvery == .milliseconds(2500))
        #expect(read.engine.evidence.stream == .init(warn: .seconds(10), critical: .seconds(30)))
        #expect(read.engine.router.window == .milliseconds(1500))
        #expect(read.policy.directory == "/etc/reckon/mine")
        #expect(read.policy.parameters["floor"] == 0.5)
        #expect(read.journal.path == "/tmp/j.sqlite")
        #expect(read.journal.patience == .milliseconds(200))
        #expect(read.api.listen == ListenAddress(host: "::1", port: 9000))
        #expect(read.api.listen.isLoopback)
    }

    @Test("a missing file and a missing policy are named")
    func missing() throws {
        let refusal = try #require(throws: Misconfiguration.self) {
            _ = try HostConfiguration(reading: "/nowhere/reckon.toml")
        }
        #expect(refusal.description.contains("/nowhere/reckon.toml"))
        #expect(throws: (any Error).self) { _ = try PolicyDesk(reading: "/nowhere/policy") }
    }

    @Test("a secret's file must be its owner's alone, and hold one line")
    func secrets() throws {
        let folder = try TestFolder()
        let good = try folder.write("s3cret\n", to: "good", mode: 0o600)
        #expect(try Secret(file: good, key: "k").text == "s3cret")
        let secret = try Secret(file: good, key: "k")
        #expect("\(secret)" == "(secret)")
        let open = try folder.write("s3cret", to: "open", mode: 0o640)
        let refusal = try #require(throws: Misconfiguration.self) { _ = try Secret(file: open, key: "k") }
        #expect(refusal.description.contains("mode 0640"))
        #expect(!refusal.description.contains("s3cret"))
        let long = try folder.write("a\nb", to: "long", mode: 0o600)
        #expect(throws: Misconfiguration.self) { _ = try Secret(file: long, key: "k") }
        #expect(throws: Misconfiguration.self) { _ = try Secret(file: folder.path("none"), key: "k") }
        let found = try Secret.find(file: nil, key: "k", variable: "V", environment: ["V": "e"])
        #expect(found?.text == "e")
        #expect(try Secret.find(file: nil, key: "k", variable: "V", environment: ["V": ""]) == nil)
    }

    @Test("only addresses of this machine count as loopback")
    func loopback() {
        for host in ["127.0.0.1", "127.8.9.1", "localhost", "::1"] {
            #expect(ListenAddress(host: host, port: 1).isLoopback, "\(host)")
        }
        for host in ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", "example.org", "127.0.0"] {
            #expect(!ListenAddress(host: host, port: 1).isLoopback, "\(host)")
        }
    }
}
