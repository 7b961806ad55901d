import Crypto
import Foundation
package import ReckonPolicy

/// The public half of a key that signs policies.
package struct PolicyKey: Sendable, Hashable {
    private let bytes: [UInt8]

    fileprivate init(_ key: Curve25519.Signing.PublicKey) { bytes = Array(key.rawRepresentation) }

    /// Reads base64 of the 32 bytes, from text or from a file's content.
    package init(reading text: String) throws(PolicyProblem) {
        guard let data = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            (try? Curve25519.Signing.PublicKey(rawRepresentation: data)) != nil
        else {
            throw PolicyProblem(
                code: "key_shape",
                message: "a public key is base64 of 32 bytes; this is none"
            )
        }
        bytes = Array(data)
    }

    package var text: String { Data(bytes).base64EncodedString() }

    /// What people and journals call the key.
    package var fingerprint: String { String(PolicyDigest.of(bytes).prefix(16)) }

    func accepts(_ signature: Data, of manifest: String) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: Data(bytes)) else {
            return false
        }
        return key.isValidSignature(signature, for: Data(manifest.utf8))
    }
}

/// The secret half.
package struct PolicySigningKey: Sendable {
    private let secret: [UInt8]

    package static func generate() -> PolicySigningKey {
        PolicySigningKey(secret: Array(Curve25519.Signing.PrivateKey().rawRepresentation))
    }

    private init(secret: [UInt8]) { self.secret = secret }

    package init(reading text: String) throws(PolicyProblem) {
        guard let data = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            (try? Curve25519.Signing.PrivateKey(rawRepresentation: data)) != nil
        else {
            throw PolicyProblem(
                code: "key_shape",
                message: "a secret key is base64 of 32 bytes; this is none"
            )
        }
        secret = Array(data)
    }

    /// Base64, for a file that only its owner may read.
    package var secretText: String { Data(secret).base64EncodedString() }

    package func publicKey() throws(PolicyProblem) -> PolicyKey { PolicyKey(try key().publicKey) }

    /// The signature's file: base64 of Ed25519 over the manifest's bytes.
    package func signature(of manifest: PolicyManifest) throws(PolicyProblem) -> String {
        guard let signature = try? key().signature(for: Data(manifest.text.utf8)) else {
            throw PolicyProblem(code: "not_signed", message: "the key could not sign")
        }
        return signature.base64EncodedString() + "\n"
    }

    private func key() throws(PolicyProblem) -> Curve25519.Signing.PrivateKey {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Data(secret)) else {
            throw PolicyProblem(
                code: "key_shape",
                message: "a secret key is base64 of 32 bytes; this is none"
            )
        }
        return key
    }
}
