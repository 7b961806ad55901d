import Crypto
import Foundation
import ReckonExchange
import ReckonModel

/// A key and its secret, as a client must have them.
package struct VenueCredentials: Sendable {
    package let key: String
    let secret: String

    package init(key: String, secret: String) {
        self.key = key
        self.secret = secret
    }
}

/// The signature of a request: HMAC-SHA256 over the raw query directly followed by the raw body.
package enum Signature {
    package static func digest(of payload: String, secret: String) -> String {
        let key = SymmetricKey(data: Data(secret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(payload.utf8), using: key)
        return code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// What is signed: both parts as sent, without the pair that carries the signature.
    package static func payload(query: String, body: String) -> String {
        stripped(query) + stripped(body)
    }

    private static func stripped(_ part: String) -> String {
        part.split(separator: "&", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("signature=") }
            .joined(separator: "&")
    }

    /// Whether a signature fits; some clients sign before they percent-encode.
    package static func verify(_ signature: String, query: String, body: String, secret: String) -> Bool {
        let given = signature.lowercased()
        let raw = payload(query: query, body: body)
        if matches(given, raw, secret) { return true }
        return matches(given, Parameters.decoded(raw), secret)
    }

    private static func matches(_ given: String, _ payload: String, _ secret: String) -> Bool {
        let expected = digest(of: payload, secret: secret)
        guard expected.utf8.count == given.utf8.count else { return false }
        return zip(expected.utf8, given.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Who may do what: the key, the signature and the time of a request, in the venue's order of checks.
struct Doorkeeper: Sendable {
    let credentials: VenueCredentials

    func checkKey(_ key: String?) throws(VenueRejection) {
        guard let key, !key.isEmpty else {
            throw VenueRejection(code: -2014, message: "API-key format invalid.")
        }
        guard key == credentials.key else {
            throw VenueRejection(code: -2015, message: "Invalid API-key, IP, or permissions for action.")
        }
    }

    func checkSigned(
        _ request: WireRequest,
        _ parameters: Parameters,
        at now: VenueInstant
    ) throws(VenueRejection) {
        guard let sent = try parameters.integer("timestamp") else { throw .missing("timestamp") }
        let signature = try parameters.required("signature")
        let window = try parameters.integer("recvWindow") ?? 5_000
        guard (0...60_000).contains(window) else {
            throw VenueRejection(code: -1130, message: "Data sent for parameter 'recvWindow' is not valid.")
        }
        if sent >= now.milliseconds + 1_000 {
            let words = "Timestamp for this request was 1000ms ahead of the server's time."
            throw VenueRejection(code: -1021, message: words)
        }
        if now.milliseconds - sent > window {
            throw VenueRejection(
                code: -1021,
                message: "Timestamp for this request is outside of the recvWindow."
            )
        }
        let fits = Signature.verify(
            signature,
            query: request.query,
            body: request.body,
            secret: credentials.secret
        )
        guard fits else {
            throw VenueRejection(code: -1022, message: "Signature for this request is not valid.")
        }
    }
}
