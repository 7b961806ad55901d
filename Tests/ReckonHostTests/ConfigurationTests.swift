import Foundation
import ReckonEngine
import ReckonHost
import ReckonModel
import ReckonPolicy
import ReckonSeal
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
        Row("[policy]\ndigest = \"abc\"", line: 2, "policy.digest", "\"abc\"", "64 of 0-9 a-f"),
        Row("[policy]\nkeep_versions = 1", line: 2, "policy.keep_versions", "found 1", "from 2 to 100"),
        Row("[policy]\npublic_keys = [\"x\"]", line: 2, "policy.public_keys", "\"x\"", "base64"),
        Row("[policy]\nrequire_signature = true", line: 1, "policy.public_keys", "0 keys", "1 to 8"),
        Row("[policy]\nwatch = \"yes\"", line: 2, "policy.watch", "\"yes\"", "true or false"),
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
        Row("[engine]\nflatten_settle_within_sec = -1", line: 2, "flatten_settle_within_sec", "found -1"),
        Row(
            "[venue]\nmargin_mode = \"crossed\"",
            line: 2,
            "venue.margin_mode",
            "\"cross\", \"isolated\", \"\""
        ),
        Row("[venue]\nmargin_mode = 1", line: 2, "venue.margin_mode", "found 1"),
        Row("[venue]\nposition_mode = \"both\"", line: 2, "venue.position_mode", "\"one_way\", \"hedge\""),
        Row(
            "[reconcile]\nexternal_positions = \"close\"",
            line: 2,
            "reconcile.external_positions",
            "\"adopt\", \"flatten\", \"leave\""
        ),
        Row("[reconcile]\nexternal_orders = true", line: 2, "reconcile.external_orders", "found true"),
        Row("[reconcile]\nforced_cooldown_sec = -1", line: 2, "forced_cooldown_sec", "from 0 to 86400"),
        Row("[reconcile]\naccount_every_sec = 1", line: 2, "account_every_sec", "from 5 to 3600"),
        Row("[reconcile]\nsettings_every_sec = 1", line: 2, "settings_every_sec", "from 5 to 3600"),
        Row("[reconcile]\ntrades_every_sec = \"5\"", line: 2, "trades_every_sec", "a number"),
        Row("[router]\ndead_man_sec = 2", line: 2, "router.dead_man_sec", "found 2", "0 (off), or from 4"),
        Row("[router]\ndead_man_sec = -1", line: 2, "router.dead_man_sec", "found -1"),
        Row("[router]\npacing_entries_pct = 0", line: 2, "pacing_entries_pct", "from 1 to 100"),
        Row(
            "[router]\npacing_rounds_pct = 50",
            line: 2,
            "router.pacing_rounds_pct",
            "found 50",
            "not less than the 60 of pacing_entries_pct"
        ),
        Row("[router]\npacing_cancels_pct = 70", line: 2, "pacing_cancels_pct", "not less than the 90"),
        Row("[router]\npacing_rounds_alone_pct = 101", line: 2, "pacing_rounds_alone_pct", "found 101"),
        Row("[router]\nmax_replacements = -1", line: 2, "max_replacements", "from 0 to 1000"),
        Row("[router]\nreplace_within_sec = 0", line: 2, "replace_within_sec", "from 1 to 120"),
        Row("[router]\nmax_replace_cancels = 0", line: 2, "max_replace_cancels", "from 1 to 20"),
        Row("[protection]\nmin_coverage = 98", line: 2, "protection.min_coverage", "from 0.5 to 1"),
        Row(
            "[protection]\nforced_below = 0.99",
            line: 2,
            "protection.forced_below",
            "found 0.99",
            "not more than the 0.98 of min_coverage"
        ),
        Row("[protection]\nresend_stop_after_ms = 1", line: 2, "resend_stop_after_ms", "from 100"),
        Row("[protection]\nfinish_triggered_within_sec = 0", line: 2, "finish_triggered_within_sec"),
        Row("[protection]\nkeep_after_vanish_sec = \"2m\"", line: 2, "keep_after_vanish_sec", "\"2m\""),
        Row("[protection]\nmost_conditionals = 0", line: 2, "most_conditionals", "from 1 to 1000"),
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

    @Test("the example shows every key that the file may hold, with its default")
    func completeExample() throws {
        let path = TestFolder.project.appendingPathComponent("examples/reckon.toml").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for table in ["engine", "limits", "policy", "venue", "reconcile", "router", "protection", "journal"]
            + ["api", "alerts"]
        {
            let refusal = try #require(throws: Misconfiguration.self) {
                _ = try HostConfiguration(parsing: "[\(table)]\nno_such_key = 1", file: "x")
            }
            let part = try #require(text.components(separatedBy: "\n[\(table)]").dropFirst().first)
            let rows = part.components(separatedBy: "\n[")[0].split(separator: "\n")
            for key in refusal.allowed.components(separatedBy: ", ") where key != "params" {
                let isShown = rows.contains { $0.hasPrefix("\(key) = ") || $0.hasPrefix("# \(key) = ") }
                #expect(isShown, "\(table).\(key)")
            }
        }
    }

    @Test("what the engine can be told about venue, strangers and cover arrives in it")
    func engineRules() throws {
        let text = """
            [engine]
            symbols = ["BTCUSDT", "ETHUSDT"]
            flatten_settle_within_sec = 5
            [venue]
            margin_mode = "isolated"
            [reconcile]
            external_positions = "leave"
            external_orders = "flatten"
            forced_cooldown_sec = 30
            repairs_in_series = 5
            repair_cooldown_sec = 1
            repair_cooldown_cap_sec = 8
            repair_series_cooldown_cap_sec = 20
            account_every_sec = 20
            [router]
            dead_man_sec = 60
            overload_pause_sec = 1.5
            overload_pause_cap_sec = 9
            pacing_entries_pct = 30
            pacing_rounds_alone_pct = 25
            max_replacements = 7
            [protection]
            min_coverage = 0.95
            forced_below = 0.5
            keep_after_vanish_sec = 15
            resend_stop_after_ms = 750
            finish_triggered_within_sec = 1.5
            """
        let engine = try HostConfiguration(parsing: text, file: "x.toml").engine
        #expect(engine.flatten.entriesSettleWithin == .seconds(5))
        #expect(engine.marginMode == .isolated)
        #expect(engine.external.positions == .leave)
        #expect(engine.external.orders == .flatten)
        #expect(engine.external.forcedCooldown == .seconds(30))
        #expect(engine.rounds.accountEvery == .seconds(20))
        #expect(engine.deadMan == DeadManRules(every: .seconds(15), countdown: .seconds(60)))
        #expect(engine.repairs.mostInSeries == 5)
        #expect(engine.repairs.cooldown == Backoff(first: .seconds(1), cap: .seconds(8)))
        #expect(engine.repairs.seriesCooldown == Backoff(first: .seconds(10), cap: .seconds(20)))
        #expect(engine.pacing.overload == Backoff(first: .milliseconds(1_500), cap: .seconds(9)))
        #expect(engine.pacing.entries == 30)
        #expect(engine.pacing.roundsAlone == 25)
        #expect(engine.router.maxReplacements == 7)
        #expect(engine.protection.minCoverage == 9_500)
        #expect(engine.protection.forcedBelow == 5_000)
        #expect(engine.protection.keepAfterVanish == .seconds(15))
        #expect(engine.protection.resendStopAfter == .milliseconds(750))
        #expect(engine.protection.finishTriggeredWithin == .milliseconds(1500))
    }

    @Test(
        "a wait whose cap lies below its beginning is refused, with the key",
        arguments: [
            ("reconcile", "repair_cooldown", 20.0), ("reconcile", "repair_series_cooldown", 9.0),
            ("router", "overload_pause", 0.2),
        ]
    )
    func waits(_ table: String, _ name: String, _ figure: Double) throws {
        let key = name == "repair_cooldown" ? "\(name)_sec" : "\(name)_cap_sec"
        #expect {
            _ = try HostConfiguration(parsing: "[\(table)]\n\(key) = \(figure)", file: "x.toml")
        } throws: { error in
            "\(error)".contains("\(name)_cap_sec")
        }
    }

    @Test("in hedge mode each symbol stands for its two legs, and an empty margin mode leaves what is set")
    func hedge() throws {
        let text = "[engine]\nsymbols = [\"SOLUSDT\"]\n[venue]\nposition_mode = \"hedge\"\nmargin_mode = \"\""
        let read = try HostConfiguration(parsing: text, file: "x.toml")
        #expect(read.engine.symbols == [Symbol("SOLUSDT/LONG"), Symbol("SOLUSDT/SHORT")])
        #expect(read.engine.marginMode == nil)
        let plain = try HostConfiguration(parsing: "[router]\ndead_man_sec = 0", file: "x.toml")
        #expect(plain.engine.deadMan == nil)
        #expect(plain.venue.positions == .oneWay)
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

    @Test("keys that sign policies count only where a signature is demanded, and then they are demanded")
    func releaseRules() throws {
        let key = try PolicySigningKey.generate().publicKey()
        let digest = String(repeating: "0f", count: 32)
        func read(_ isRequired: Bool) throws -> HostConfiguration {
            let text = """
                [policy]
                require_signature = \(isRequired)
                public_keys = ["\(key.text)"]
                digest = "\(digest)"
                watch = true
                """
            return try HostConfiguration(parsing: text, file: "x.toml")
        }
        let policy = try read(true).policy
        #expect(policy.rules.trustedKeys == [key] && policy.rules.pinnedDigest == digest)
        #expect(policy.isWatched == true && policy.keptVersions == 10)
        #expect(throws: Misconfiguration.self) { _ = try read(false) }
        #expect(HostConfiguration().policy.isWatched == nil)
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
