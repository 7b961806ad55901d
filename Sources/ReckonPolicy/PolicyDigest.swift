import CPolicyHost

/// SHA-256 over exact bytes, as lower-case hexadecimal.
package enum PolicyDigest {
    package static func of(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: 64) { text in
            bytes.withUnsafeBufferPointer { input in
                text.withMemoryRebound(to: CChar.self) { hex in
                    policy_sha256_hex(input.baseAddress, input.count, hex.baseAddress)
                }
            }
            return 64
        }
    }

    /// One digest for a set of files: per file, in order of names, its name, its length and its bytes.
    ///
    /// Lengths are written out so that no two sets share a concatenation.
    package static func of(_ files: [PolicyFile]) -> String {
        var bytes: [UInt8] = Array("reckon policy 1\n".utf8)
        for file in files.sorted(by: { $0.name < $1.name }) {
            bytes += Array("\(file.name.utf8.count) \(file.name) \(file.bytes.count)\n".utf8)
            bytes += file.bytes
        }
        return of(bytes)
    }
}
