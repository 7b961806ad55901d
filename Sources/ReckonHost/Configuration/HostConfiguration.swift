package import ReckonEngine
package import ReckonModel
package import ReckonSeal

/// Everything that the operator sets: for the core, and for what is round it.
package struct HostConfiguration: Sendable, Hashable {
    package var engine: EngineConfiguration
    package var policy = PolicySettings()
    package var venue = VenueSettings()
    package var journal = JournalSettings()
    package var api = APISettings()
    package var alerts = AlertSettings()

    /// What holds where nothing is said.
    ///
    /// Small limits: whoever wants more must say so.
    package init() {
        let limits = GuardLimits(
            maxNotional: 1000,
            maxLeverage: 5,
            minEntryConfidence: 0,
            entryCooldownSeconds: 0,
            maxOpenOrdersPerSymbol: 4
        )
        engine = EngineConfiguration(
            engineID: "reckon",
            symbols: [Symbol("BTCUSDT"), Symbol("ETHUSDT")],
            limits: limits
        )
    }
}

package struct PolicySettings: Sendable, Hashable {
    package var directory = "policies/steady"
    package var parameters: Table<String, Double> = Table()
    /// The only digest that may be loaded.
    package var pinnedDigest: String?
    /// Only what one of these keys has signed may be loaded; empty where a signature is not demanded.
    package var trustedKeys: [PolicyKey] = []
    /// Whether the directory is watched; absent where nothing is said.
    package var isWatched: Bool?
    /// How many versions the journal keeps for a way back.
    package var keptVersions = 10
    /// The directory of a policy that looks on.
    package var shadow: String?

    package init() {}

    /// What a version has to be, its least revision apart.
    package var rules: ReleaseRules {
        var rules = ReleaseRules()
        rules.trustedKeys = trustedKeys
        rules.pinnedDigest = pinnedDigest
        rules.overrides = parameters
        return rules
    }
}

/// How many positions the account holds on an instrument, in the file's words.
package enum PositionChoice: String, Sendable, CaseIterable {
    case oneWay = "one_way"
    /// A long and a short one: each configured symbol stands for its two legs.
    case hedge
}

package struct VenueSettings: Sendable, Hashable {
    /// `binance`, `binance-demo`, `embedded`, or a URL.
    package var address = "binance"
    package var privateStreamURL: String?
    package var marketStreamURL: String?
    package var requestTimeout = Span.seconds(3)
    package var keyFile: String?
    package var secretFile: String?
    package var positions = PositionChoice.oneWay

    package init() {}
}

package struct JournalSettings: Sendable, Hashable {
    package var path = "reckon.sqlite"
    /// A commit that takes longer counts as a journal that is down.
    package var patience = Span.milliseconds(250)

    package init() {}
}

package struct APISettings: Sendable, Hashable {
    package var listen = ListenAddress(host: "127.0.0.1", port: 8787)
    package var tokenFile: String?

    package init() {}
}

package struct AlertSettings: Sendable, Hashable {
    /// Least level that is logged.
    package enum Level: String, Sendable, CaseIterable {
        case debug
        case info
        case warning
        case error
    }

    package var level = Level.info
    package var format = LogFormat.line
    package var file: String?

    package init() {}
}

/// Where the API listens.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    /// 0 takes any free port.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, with an IPv6 address in brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { return nil }
        self.init(host: host, port: port)
    }

    package static let allowed = "HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:8787"

    /// Whether only this machine can reach it.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
