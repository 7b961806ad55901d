import Foundation
import ReckonBinance
import ReckonHost

/// Where the venue is and who we are there.
struct VenueEndpoint: Sendable {
    let url: String
    let credentials: BinanceCredentials
    var privateStreamURL: String?
    var marketStreamURL: String?

    init(url: String, credentials: BinanceCredentials) {
        self.url = url
        self.credentials = credentials
    }

    init(url: String, apiKey: String, secret: String) throws {
        self.init(url: url, credentials: try BinanceCredentials(apiKey: apiKey, secret: secret))
    }

    /// The venue of the settings: `binance`, `binance-demo` or a URL.
    init(_ settings: VenueSettings, environment: [String: String]) throws {
        switch settings.address {
        case "binance": url = BinanceConfiguration.productionURL
        case "binance-demo": url = BinanceConfiguration.demoURL
        case let text where text.hasPrefix("http://") || text.hasPrefix("https://"): url = text
        default:
            throw Misconfiguration(
                place: "venue.url",
                key: "",
                found: "\"\(settings.address.prefix(60))\"",
                allowed: "binance, binance-demo, embedded, or http(s)://host[:port]"
            )
        }
        privateStreamURL = settings.privateStreamURL
        marketStreamURL = settings.marketStreamURL
        credentials = try VenueEndpoint.credentials(settings, url: url, environment)
    }

    func configuration(timeout settings: VenueSettings) throws -> BinanceConfiguration {
        let plain = try BinanceConfiguration(url: url, credentials: credentials)
        var configuration = try BinanceConfiguration(
            restURL: plain.restURL,
            privateStreamURL: privateStreamURL ?? plain.privateStreamURL,
            marketStreamURL: marketStreamURL ?? plain.marketStreamURL,
            credentials: credentials
        )
        configuration.requestTimeout = settings.requestTimeout
        return configuration
    }

    private static func credentials(
        _ settings: VenueSettings,
        url: String,
        _ environment: [String: String]
    ) throws -> BinanceCredentials {
        let key = try Secret.find(
            file: settings.keyFile,
            key: "venue.api_key_file",
            variable: "RECKON_VENUE_KEY",
            environment: environment
        )
        let secret = try Secret.find(
            file: settings.secretFile,
            key: "venue.api_secret_file",
            variable: "RECKON_VENUE_SECRET",
            environment: environment
        )
        switch (key, secret) {
        case (.some(let key), .some(let secret)):
            return try BinanceCredentials(apiKey: key.text, secret: secret.text)
        case (.none, .none) where isLoopback(url):
            // What `reckon venue` takes when it is told nothing.
            return try BinanceCredentials(apiKey: "reckon", secret: "reckon")
        default:
            throw Misconfiguration(
                place: "venue",
                key: "",
                found: "no API key and secret, or only one of them",
                allowed: "api_key_file and api_secret_file, or RECKON_VENUE_KEY and RECKON_VENUE_SECRET"
            )
        }
    }

    private static func isLoopback(_ url: String) -> Bool {
        guard let host = URLComponents(string: url)?.host else { return false }
        return ListenAddress(host: host.trimmingCharacters(in: ["[", "]"]), port: 0).isLoopback
    }
}
