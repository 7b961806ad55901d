import ReckonModel

/// Everything that happened, as canonical text with a running hash; the text is kept only where somebody wants it.
package struct Trace: Sendable {
    package private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    package private(set) var events: Int64 = 0
    package private(set) var lines: [String] = []
    private let keepsLines: Bool

    init(keepsLines: Bool) { self.keepsLines = keepsLines }

    mutating func note(_ at: Instant, _ text: @autoclosure () -> String) {
        events += 1
        mix(UInt64(bitPattern: at.nanoseconds))
        let line = text()
        for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        if keepsLines { lines.append("\(at.nanoseconds / 1_000_000) \(line)") }
    }

    private mutating func mix(_ word: UInt64) {
        var rest = word
        for _ in 0..<8 {
            hash = (hash ^ (rest & 0xFF)) &* 0x0000_0100_0000_01B3
            rest >>= 8
        }
    }
}
