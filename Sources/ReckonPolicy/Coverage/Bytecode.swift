/// Compiled Lua 5.4 as `string.dump` gives it, read for what a source alone does not tell.
///
/// Source: `ldump.c` and `lundump.h` of Lua 5.4.4.
struct Bytecode {
    /// Lines that hold at least one instruction that can run.
    private(set) var activeLines: Set<Int> = []
    /// Constants of each function, by the line on which it starts.
    private(set) var constants: [(line: Int, count: Int)] = []

    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    private var isSound = true

    /// Marks a line that is written out instead of as a difference.
    private static let absolute: Int8 = -0x80
    private static let instructionBytes = 4

    /// `nil` where the bytes are not what this reader knows.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        // Signature, version 5.4, format, check data; sizes of instruction, integer, float; two samples.
        let header: [UInt8] = [0x1B, 0x4C, 0x75, 0x61, 0x54, 0, 0x19, 0x93, 0x0D, 0x0A, 0x1A, 0x0A, 4, 8, 8]
        guard bytes.starts(with: header) else { return nil }
        at = header.count + 16 + 1
        function()
        guard isSound, at == bytes.count else { return nil }
    }

    private mutating func byte() -> UInt8 {
        guard at < bytes.count else {
            isSound = false
            return 0
        }
        defer { at += 1 }
        return bytes[at]
    }

    private mutating func skip(_ count: Int) {
        guard count >= 0, count <= bytes.count - at else { return isSound = false }
        at += count
    }

    /// Seven bits a byte, the last one marked.
    private mutating func size() -> Int {
        var value = 0
        while isSound {
            let next = byte()
            guard value < Int.max >> 8 else {
                isSound = false
                return 0
            }
            value = value << 7 | Int(next & 0x7F)
            if next & 0x80 != 0 { break }
        }
        return value
    }

    private mutating func text() {
        let length = size()
        if length > 1 { skip(length - 1) }
    }

    private mutating func repeated(_ body: (inout Bytecode) -> Void) {
        for _ in 0..<size() where isSound { body(&self) }
    }

    private mutating func function() {
        text()
        let line = size()
        _ = size()
        skip(1)
        let isVariadic = byte() != 0
        skip(1)
        let instructions = size()
        skip(instructions * Self.instructionBytes)
        var count = 0
        repeated { reader in
            count += 1
            reader.constant()
        }
        constants.append((line, count))
        repeated { $0.skip(3) }
        repeated { $0.function() }
        lines(from: line, count: instructions, isVariadic: isVariadic)
        repeated { reader in
            reader.text()
            _ = reader.size()
            _ = reader.size()
        }
        repeated { $0.text() }
    }

    private mutating func constant() {
        switch byte() {
        case 0x03, 0x13: skip(8)
        case 0x04, 0x14: text()
        case 0x00, 0x01, 0x11: break
        default: isSound = false
        }
    }

    private mutating func lines(from first: Int, count: Int, isVariadic: Bool) {
        var steps: [Int8] = []
        repeated { steps.append(Int8(bitPattern: $0.byte())) }
        var written: [(place: Int, line: Int)] = []
        repeated { written.append(($0.size(), $0.size())) }
        guard isSound, steps.count == count else { return isSound = false }
        var line = first
        for (place, step) in steps.enumerated() {
            if step == Self.absolute {
                line = written.first { $0.place == place }?.line ?? line
            } else {
                line += Int(step)
            }
            // The first instruction of a variadic function only moves arguments, and the last of every function is
            // a return that the compiler adds, often where nothing comes by.
            let isRun = place < count - 1 && !(isVariadic && place == 0)
            if isRun { activeLines.insert(line) }
        }
    }
}
