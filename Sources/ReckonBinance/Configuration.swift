import Foundation
package import ReckonModel

/// Where the venue is, who we are there, and how long we wait.
package struct BinanceConfiguration: Sendable {
    /// Such as `https://fapi.binance.com`; paths begin with `/fapi`.
    package let restURL: String
    /// Such as `wss://fstream.binance.com/private`.
    package let privateStreamURL: String
    /// Such as `wss://fstream.binance.com/market`.
    package let marketStreamURL: String
    package let credentials: BinanceCredentials
    /// What the symbols that we trade need; `verifyAccess` holds the account to it.
    package var mode = PositionMode.oneWay
    /// From the first byte of the connection to the last of the answer.
    package var requestTimeout = Span.seconds(3)
    /// `recvWindow` of signed requests that bring no window of their own.
    package var window = Span.seconds(5)
    /// How many times the clock is asked at each measurement; the quickest answer counts.
    package var clockProbes = 5
    package var streams = StreamLimits()

    /// The venue at `url`, its streams where that venue has them.
    ///
    /// Source: docs/venue-binance.md, Addresses. Any other host serves its streams beside its REST API, under `/private` and
    /// `/market`.
    package init(url: String, credentials: BinanceCredentials) throws(BinanceMisconfiguration) {
        let rest = try WebAddress(url, key: "venue.url", schemes: ["http", "https"])
        let streams: String
        switch rest.host {
        case "fapi.binance.com": streams = "wss://fstream.binance.com"
        case "demo-fapi.binance.com", "testnet.binancefuture.com": streams = "wss://demo-fstream.binance.com"
        default: streams = rest.text.replacing(/^http/, with: "ws")
        }
        try self.init(
            restURL: rest.text,
            privateStreamURL: streams + "/private",
            marketStreamURL: streams + "/market",
            credentials: credentials
        )
    }

    package init(
        restURL: String,
        privateStreamURL: String,
        marketStreamURL: String,
        credentials: BinanceCredentials
    ) throws(BinanceMisconfiguration) {
        self.restURL = try WebAddress(restURL, key: "venue.url", schemes: ["http", "https"]).text
        self.privateStreamURL =
            try WebAddress(privateStreamURL, key: "venue.private_stream_url", schemes: ["ws", "wss"]).text
        self.marketStreamURL =
            try WebAddress(marketStreamURL, key: "venue.market_stream_url", schemes: ["ws", "wss"]).text
        self.credentials = credentials
    }

    package static let productionURL = "https://fapi.binance.com"
    package static let demoURL = "https://demo-fapi.binance.com"
}

/// How streams are kept alive.
package struct StreamLimits: Sendable {
    /// From the start of the connection to the end of the upgrade.
    package var connectTimeout = Duration.seconds(5)
    /// Our own pings; the venue's come every three minutes.
    package var pingEvery = Duration.seconds(15)
    /// A user stream on which nothing at all was heard for so long is dead.
    package var silenceLimit = Duration.seconds(45)
    /// Likewise for marks, which come every second.
    package var marketSilenceLimit = Duration.seconds(10)
    /// `.heard` is told at most so often.
    package var heardEvery = Duration.seconds(1)
    /// Source: docs/venue-binance.md, User stream: a key lives 60 minutes.
    package var keepAliveEvery = Duration.seconds(25 * 60)
    /// Source: docs/venue-binance.md, User stream: the venue ends each connection after 24 hours; we go first.
    package var renewEvery = Duration.seconds(23 * 3600)
    package var firstBackoff = Duration.milliseconds(250)
    package var maxBackoff = Duration.seconds(30)
    /// Events that may wait for the reader before the stream gives up.
    package var buffer = 4096

    package init() {}
}

/// A start-up setting that cannot work.
package struct BinanceMisconfiguration: Error, Sendable, Hashable, CustomStringConvertible {
    package let key: String
    package let found: String
    package let allowed: String

    package var description: String { "\(key): found \(found), allowed \(allowed)" }
}

/// A checked URL, without a slash at its end.
struct WebAddress: Sendable {
    let text: String
    let isSecure: Bool
    let host: String
    let port: Int
    /// Path and query, percent-encoded, never empty.
    let target: String

    init(_ url: String, key: String, schemes: [String]) throws(BinanceMisconfiguration) {
        let trimmed = url.hasSuffix("/") ? String(url.dropLast()) : url
        let allowed = "\(schemes.joined(separator: ":// or "))://host[:port]"
        guard let parts = URLComponents(string: trimmed), let scheme = parts.scheme?.lowercased(),
            schemes.contains(scheme), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil
        else {
            // A URL may carry a password, so it is not repeated here.
            throw BinanceMisconfiguration(key: key, found: "another kind of text", allowed: allowed)
        }
        text = trimmed
        isSecure = scheme == "https" || scheme == "wss"
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = parts.port ?? (isSecure ? 443 : 80)
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        target = parts.percentEncodedQuery.map { "\(path)?\($0)" } ?? path
    }
}
