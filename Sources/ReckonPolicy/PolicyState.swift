/// A policy's state between ticks: plain data in the host's canonical encoding.
package struct PolicyState: Sendable, Codable, Hashable {
    package let bytes: [UInt8]
    /// The policy's `state_version` when it was written; 0 where it declares none.
    package let version: Int64

    package init(bytes: [UInt8], version: Int64) {
        self.bytes = bytes
        self.version = version
    }

    package var digest: String { PolicyDigest.of(bytes) }
}
