package import Foundation
import ReckonEngine
import ReckonModel
import ReckonSeal
import TOMLKit

extension HostConfiguration {
    /// Reads a file such as `examples/reckon.toml`.
    ///
    /// Relative paths in it count from its own folder.
    package init(reading path: String) throws(Misconfiguration) {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw Misconfiguration(
                place: path,
                key: "",
                found: "no file that can be read as UTF-8",
                allowed: "a TOML file"
            )
        }
        try self.init(
            parsing: text,
            file: path,
            folder: URL(fileURLWithPath: path).deletingLastPathComponent()
        )
    }

    /// Reads a configuration from its text; `file` is only for messages.
    package init(parsing text: String, file: String, folder: URL? = nil) throws(Misconfiguration) {
        self.init()
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw Misconfiguration(
                file: file,
                line: error.source.begin.line,
                key: "",
                found: "a syntax error (\(error.description))",
                allowed: "TOML 1.0"
            )
        } catch {
            throw Misconfiguration(place: file, key: "", found: "unreadable text", allowed: "TOML 1.0")
        }
        var root = Section(file: file, name: "", folder: folder, table: table, lines: LineIndex(text))
        try root.read("engine") { (section) throws(Misconfiguration) in try readEngine(&section) }
        try root.read("limits") { (section) throws(Misconfiguration) in try readLimits(&section) }
        try root.read("policy") { (section) throws(Misconfiguration) in try readPolicy(&section) }
        try root.read("venue") { (section) throws(Misconfiguration) in try readVenue(&section) }
        try root.read("reconcile") { (section) throws(Misconfiguration) in try readReconcile(&section) }
        try root.read("router") { (section) throws(Misconfiguration) in try readRouter(&section) }
        try root.read("protection") { (section) throws(Misconfiguration) in try readProtection(&section) }
        try root.read("journal") { (section) throws(Misconfiguration) in try readJournal(&section) }
        try root.read("api") { (section) throws(Misconfiguration) in try readAPI(&section) }
        try root.read("alerts") { (section) throws(Misconfiguration) in try readAlerts(&section) }
        try root.finish()
    }
}

extension Section {
    /// Reads a table to its end.
    mutating func read(
        _ key: String,
        _ body: (inout Section) throws(Misconfiguration) -> Void
    ) throws(Misconfiguration) {
        var part = try section(key)
        try body(&part)
        try part.finish()
    }

    /// Puts a value in its place where the file has one.
    func put<Value>(_ value: Value?, _ place: inout Value) {
        if let value { place = value }
    }
}

extension HostConfiguration {
    /// What a halt does to the working rest of entries.
    private enum OnHalt: String, CaseIterable {
        case cancelEntries = "cancel_entries"
        case keep
    }

    private mutating func readEngine(_ section: inout Section) throws(Misconfiguration) {
        if let id = try section.text("id") {
            guard id.utf8.count <= 8,
                id.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) })
            else {
                throw section.refusal(
                    "id",
                    found: "\"\(id.prefix(60))\"",
                    allowed: "1 to 8 characters of a-z 0-9"
                )
            }
            engine.engineID = id
        }
        let allowed = "1 to 100 different symbols of A-Z 0-9, such as [\"BTCUSDT\"]"
        if let names = try section.texts("symbols", allowed: allowed) {
            for name in names where !HostConfiguration.isSymbol(name) {
                throw section.refusal("symbols", found: "\"\(name.prefix(60))\"", allowed: allowed)
            }
            let symbols = names.map { Symbol($0) }
            guard (1...100).contains(symbols.count), Set(symbols).count == symbols.count else {
                throw section.refusal(
                    "symbols",
                    found: "\(Set(symbols).count) different of \(names.count)",
                    allowed: allowed
                )
            }
            engine.symbols = symbols
        }
        if let choice = try section.choice("on_halt", OnHalt.self) {
            engine.cancelsEntriesOnHalt = choice == .cancelEntries
        }
        section.put(try section.span("max_intent_age_sec", 1...86_400), &engine.maxIntentAge)
        section.put(
            try section.span("flatten_settle_within_sec", 0...300),
            &engine.flatten.entriesSettleWithin
        )
    }

    /// Letters and digits, as the venue names instruments; some have an underscore.
    package static func isSymbol(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    private mutating func readLimits(_ section: inout Section) throws(Misconfiguration) {
        section.put(try section.number("max_notional_usdt", 0...1e9), &engine.limits.maxNotional)
        section.put(try section.whole("max_leverage", 1...125), &engine.limits.maxLeverage)
        section.put(try section.number("min_entry_conf", 0...1), &engine.limits.minEntryConfidence)
        section.put(
            try section.number("entry_cooldown_seconds", 0...86_400),
            &engine.limits.entryCooldownSeconds
        )
        section.put(
            try section.whole("max_open_orders_per_symbol", 0...200),
            &engine.limits.maxOpenOrdersPerSymbol
        )
    }

    private mutating func readPolicy(_ section: inout Section) throws(Misconfiguration) {
        section.put(try section.location("directory"), &policy.directory)
        section.put(try section.flag("halt_on_red"), &engine.guardSettings.haltOnRed)
        section.put(try section.number("halt_seconds", 1...86_400), &engine.guardSettings.haltSeconds)
        section.put(try section.whole("fault_limit", 1...100), &engine.guardSettings.faultLimit)
        section.put(
            try section.number("reload_hold_sec", 0...86_400),
            &engine.guardSettings.reloadHoldSeconds
        )
        try readRelease(&section)
        var params = try section.section("params")
        policy.parameters = try params.numbers()
    }

    /// What a version of the policy has to be before it may decide anything.
    private mutating func readRelease(_ section: inout Section) throws(Misconfiguration) {
        policy.isWatched = try section.flag("watch")
        section.put(try section.whole("keep_versions", 2...100), &policy.keptVersions)
        if let digest = try section.text("digest") {
            guard digest.utf8.count == 64, digest.utf8.allSatisfy(HostConfiguration.isHexadecimal) else {
                throw section.refusal(
                    "digest",
                    found: "\"\(digest.prefix(70))\"",
                    allowed: "64 of 0-9 a-f, as `reckon policy digest` prints them"
                )
            }
            policy.pinnedDigest = digest
        }
        let allowed = "1 to 8 public keys as `reckon policy sign --new-key` writes them, base64 of 32 bytes"
        let keys = try section.texts("public_keys", allowed: allowed) ?? []
        for text in keys {
            guard let key = try? PolicyKey(reading: text) else {
                throw section.refusal("public_keys", found: "\"\(text.prefix(60))\"", allowed: allowed)
            }
            policy.trustedKeys.append(key)
        }
        let isRequired = try section.flag("require_signature") ?? false
        guard isRequired != keys.isEmpty, keys.count <= 8 else {
            throw section.refusal(
                isRequired ? "public_keys" : "require_signature",
                found: isRequired ? "\(keys.count) keys" : "false with \(keys.count) public_keys",
                allowed: isRequired ? allowed : "true where keys are given"
            )
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte)
    }

    private mutating func readJournal(_ section: inout Section) throws(Misconfiguration) {
        section.put(try section.location("path"), &journal.path)
        // I-01 names 250 ms; more patience would hold entries back for longer than it allows.
        section.put(try section.span("slow_after_ms", 10...250), &journal.patience)
    }

    private mutating func readAPI(_ section: inout Section) throws(Misconfiguration) {
        if let text = try section.text("listen") {
            guard let address = ListenAddress(text) else {
                throw section.refusal(
                    "listen",
                    found: "\"\(text.prefix(60))\"",
                    allowed: ListenAddress.allowed
                )
            }
            api.listen = address
        }
        api.tokenFile = try section.location("token_file")
    }

    private mutating func readAlerts(_ section: inout Section) throws(Misconfiguration) {
        section.put(try section.choice("log_level", AlertSettings.Level.self), &alerts.level)
        section.put(try section.choice("log_format", LogFormat.self), &alerts.format)
        alerts.file = try section.location("log_file")
    }
}
