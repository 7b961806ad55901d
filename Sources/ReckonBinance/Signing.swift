import Crypto
import Foundation

/// An API key with its secret.
///
/// No description, mirror or error ever shows either in full (I-13).
package struct BinanceCredentials: Sendable {
    package let apiKey: String
    private let secret: SymmetricKey

    /// White space round the texts, as files end with, is dropped.
    package init(apiKey: String, secret: String) throws(BinanceMisconfiguration) {
        self.apiKey = try BinanceCredentials.checked(apiKey, key: "venue.api_key")
        let text = try BinanceCredentials.checked(secret, key: "venue.api_secret")
        self.secret = SymmetricKey(data: Data(text.utf8))
    }

    /// Lower-case hex of HMAC-SHA256 over the query followed by the body, byte for byte as they are sent.
    ///
    /// Source: docs/venue-binance.md, Signing: no `&` stands between the two. Pinned by `SigningTests`.
    package func signature(query: String, body: String = "") -> String {
        var code = HMAC<SHA256>(key: secret)
        code.update(data: Data(query.utf8))
        code.update(data: Data(body.utf8))
        return code.finalize().map { BinanceCredentials.hex($0) }.joined()
    }

    private static func checked(_ text: String, key: String) throws(BinanceMisconfiguration) -> String {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            let allowed = "printable ASCII without spaces"
            throw BinanceMisconfiguration(key: key, found: "\(trimmed.utf8.count) bytes", allowed: allowed)
        }
        return trimmed
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

extension BinanceCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "BinanceCredentials(\(apiKey.prefix(4))…)" }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}

/// Request parameters in the order in which they are signed and sent.
package struct Parameters: Sendable, Hashable {
    /// `name=value` pairs joined by `&`, percent-encoded as UTF-8.
    package private(set) var encoded = ""
    /// The same, plain, for requests that carry several orders.
    package private(set) var pairs: [String: String] = [:]

    package init() {}

    package mutating func add(_ name: String, _ value: String) {
        pairs[name] = value
        if !encoded.isEmpty { encoded += "&" }
        encoded += "\(name)=\(Parameters.percentEncoded(value))"
    }

    /// Everything but the unreserved characters of RFC 3986 is encoded.
    package static func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
