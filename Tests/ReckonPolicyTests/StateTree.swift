import Foundation
import ReckonModel

/// Plain data as states hold it, with the encoding written a second time from its description alone.
indirect enum StateTree: Equatable {
    case boolean(Bool)
    case integer(Int64)
    case float(bits: UInt64)
    case text([UInt8])
    case table([StateTree], [Field])

    struct Field: Equatable {
        let key: [UInt8]
        let value: StateTree
    }

    var encoded: [UInt8] {
        switch self {
        case .boolean(let value): [UInt8(ascii: value ? "T" : "F")]
        case .integer(let value): [UInt8(ascii: "I")] + Self.little(UInt64(bitPattern: value), bytes: 8)
        case .float(let bits): [UInt8(ascii: "D")] + Self.little(bits, bytes: 8)
        case .text(let bytes): [UInt8(ascii: "S")] + Self.text(bytes)
        case .table(let items, let fields):
            [UInt8(ascii: "{")] + Self.little(UInt64(items.count), bytes: 4)
                + Self.little(UInt64(fields.count), bytes: 4) + items.flatMap(\.encoded)
                + fields.sorted { $0.key.lexicographicallyPrecedes($1.key) }
                .flatMap { Self.text($0.key) + $0.value.encoded }
        }
    }

    private static func little(_ value: UInt64, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    private static func text(_ bytes: [UInt8]) -> [UInt8] { little(UInt64(bytes.count), bytes: 4) + bytes }

    var nodes: Int {
        guard case .table(let items, let fields) = self else { return 1 }
        return 1 + items.reduce(0) { $0 + $1.nodes } + fields.reduce(0) { $0 + $1.value.nodes }
    }

    /// A Lua expression that builds it; fields in an order of the dice's.
    func source(_ dice: inout Dice) -> String {
        switch self {
        case .boolean(let value): return "\(value)"
        case .integer(let value): return value == .min ? "math.mininteger" : "\(value)"
        case .float(let bits):
            let value = Double(bitPattern: bits)
            guard value.isFinite else { return value > 0 ? "math.huge" : "-math.huge" }
            return String(format: "%a", value)
        case .text(let bytes): return Self.literal(bytes)
        case .table(let items, let fields):
            var parts = items.map { $0.source(&dice) }
            var rest = fields
            while !rest.isEmpty {
                let field = rest.remove(at: Int(dice.roll(below: UInt64(rest.count))))
                let text = "[\(Self.literal(field.key))] = \(field.value.source(&dice))"
                // Items keep their order among themselves, wherever fields stand between them.
                parts.insert(text, at: Int(dice.roll(below: UInt64(parts.count + 1))))
            }
            return "{ \(parts.joined(separator: ", ")) }"
        }
    }

    static func literal(_ bytes: [UInt8]) -> String {
        "\""
            + bytes.map { "\\" + String(repeating: "0", count: $0 < 10 ? 2 : $0 < 100 ? 1 : 0) + "\($0)" }
            .joined()
            + "\""
    }
}

extension StateTree {
    private static let integers: [Int64] = [0, 1, -1, .min, .max, 1 << 53, -(1 << 53) - 1, 255, 256]
    private static let floats: [Double] = [
        0, -0.0, 1, -1, 0.1, 1 / 3, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity,
        0x1p53,
    ]

    static func random(_ dice: inout Dice, depth: Int) -> StateTree {
        switch dice.roll(below: depth > 0 ? 9 : 6) {
        case 0: return .boolean(dice.chance(1, in: 2))
        case 1: return .integer(integers[Int(dice.roll(below: UInt64(integers.count)))])
        case 2: return .integer(Int64(bitPattern: dice.next()))
        case 3: return .float(bits: floats[Int(dice.roll(below: UInt64(floats.count)))].bitPattern)
        case 4:
            let bits = dice.next()
            return .float(bits: Double(bitPattern: bits).isNaN ? bits & ~(0x7FF << 52) : bits)
        case 5: return .text(bytes(&dice))
        default: return table(&dice, depth: depth)
        }
    }

    static func table(_ dice: inout Dice, depth: Int) -> StateTree {
        let items = (0..<dice.roll(below: 4)).map { _ in random(&dice, depth: depth - 1) }
        var fields: [Field] = []
        for _ in 0..<dice.roll(below: 5) {
            let key = bytes(&dice)
            guard !fields.contains(where: { $0.key == key }) else { continue }
            fields.append(Field(key: key, value: random(&dice, depth: depth - 1)))
        }
        return .table(items, fields)
    }

    private static func bytes(_ dice: inout Dice) -> [UInt8] {
        let length = dice.chance(1, in: 20) ? dice.roll(below: 300) : dice.roll(below: 6)
        // Few letters, zero among them, so that keys are prefixes of one another.
        return (0..<length).map { _ in
            dice.chance(1, in: 4)
                ? UInt8(truncatingIfNeeded: dice.next()) : [0, 97, 98, 255][Int(dice.roll(below: 4))]
        }
    }
}

/// Reads the encoding strictly: complete, canonical, within the caps; `nil` for anything else.
struct StateTreeReader {
    private let bytes: [UInt8]
    private var at = 0
    private var nodes = 0

    static func tree(_ bytes: [UInt8]) -> StateTree? {
        var reader = StateTreeReader(bytes: bytes)
        guard bytes.first == UInt8(ascii: "{"), bytes.count <= 65_536, let tree = reader.value(depth: 1),
            reader.at == bytes.count
        else { return nil }
        return tree
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func number(_ size: Int) -> UInt64? {
        guard bytes.count - at >= size else { return nil }
        defer { at += size }
        return (0..<size).reduce(0) { $0 | UInt64(bytes[at + $1]) << (8 * UInt64($1)) }
    }

    private mutating func text() -> [UInt8]? {
        guard let length = number(4), UInt64(bytes.count - at) >= length else { return nil }
        defer { at += Int(length) }
        return Array(bytes[at..<at + Int(length)])
    }

    private mutating func value(depth: Int) -> StateTree? {
        nodes += 1
        guard nodes <= 1024, let kind = number(1) else { return nil }
        switch Character(Unicode.Scalar(UInt8(kind))) {
        case "T": return .boolean(true)
        case "F": return .boolean(false)
        case "I": return number(8).map { .integer(Int64(bitPattern: $0)) }
        case "D": return number(8).flatMap { Double(bitPattern: $0).isNaN ? nil : .float(bits: $0) }
        case "S": return text().map { .text($0) }
        case "{": return depth <= 8 ? table(depth: depth) : nil
        default: return nil
        }
    }

    private mutating func table(depth: Int) -> StateTree? {
        guard let items = number(4), let count = number(4), items + count <= 1024 else { return nil }
        var list: [StateTree] = []
        for _ in 0..<items {
            guard let item = value(depth: depth + 1) else { return nil }
            list.append(item)
        }
        var fields: [StateTree.Field] = []
        for _ in 0..<count {
            guard let key = text() else { return nil }
            if let last = fields.last, !last.key.lexicographicallyPrecedes(key) { return nil }
            guard let item = value(depth: depth + 1) else { return nil }
            fields.append(StateTree.Field(key: key, value: item))
        }
        return .table(list, fields)
    }
}
