import ReckonModel

/// Everything that happened, as canonical text with a running hash; the text is kept by whoever wants to read it.
package struct Trace {
    package private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    package private(set) var events: Int64 = 0
    private let start: Instant
    private let tell: ((String) -> Void)?

    init(start: Instant, tell: ((String) -> Void)?) {
        self.start = start
        self.tell = tell
    }

    /// Whether somebody reads along.
    var isRead: Bool { tell != nil }

    /// Part of the hash; `subject` is for readers only.
    mutating func note(_ at: Instant, _ text: String, subject: String = "-") {
        events += 1
        mix(UInt64(bitPattern: at.nanoseconds))
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        if tell != nil { say(at, text, subject: subject) }
    }

    /// For readers only.
    func say(_ at: Instant, _ text: @autoclosure () -> String, subject: @autoclosure () -> String = "-") {
        guard let tell else { return }
        let milliseconds = (at - start).milliseconds
        let seconds = "\(milliseconds / 1_000)"
        let rest = "\(1_000 + milliseconds % 1_000)".dropFirst()
        let pad = String(repeating: " ", count: max(5 - seconds.count, 0))
        tell("\(pad)\(seconds).\(rest) \(subject()) \(text())")
    }

    private mutating func mix(_ word: UInt64) {
        var rest = word
        for _ in 0..<8 {
            hash = (hash ^ (rest & 0xFF)) &* 0x0000_0100_0000_01B3
            rest >>= 8
        }
    }
}
