package import ReckonModel

/// Plain data as Lua holds it: what a case file says, what a state holds, what knobs look like to a script.
package enum LuaValue: Sendable, Hashable {
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case table([LuaValue], Table<String, LuaValue>)

    package static let empty = LuaValue.table([], Table())

    package static func fields(_ rows: [(String, LuaValue)]) -> LuaValue {
        var table: Table<String, LuaValue> = Table()
        for (name, value) in rows { table[name] = value }
        return .table([], table)
    }

    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .boolean, .text, .table: nil
        }
    }

    package var text: String? { if case .text(let value) = self { value } else { nil } }

    package var items: [LuaValue]? { if case .table(let items, _) = self { items } else { nil } }

    package var fields: Table<String, LuaValue>? {
        if case .table(_, let fields) = self { fields } else { nil }
    }

    var kind: String {
        switch self {
        case .boolean: "a boolean"
        case .integer, .number: "a number"
        case .text: "text"
        case .table: "a table"
        }
    }

    /// Reads the host's encoding of a state; `nil` where it is damaged.
    package init?(decoding bytes: [UInt8]) {
        var reader = LuaValueReader(bytes: bytes)
        guard let value = reader.value(), reader.isAtEnd else { return nil }
        self = value
    }
}

/// Walks the encoding that `state.c` describes.
private struct LuaValueReader {
    let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    mutating func value() -> LuaValue? {
        guard let kind = take(1)?.first else { return nil }
        switch kind {
        case UInt8(ascii: "F"): return .boolean(false)
        case UInt8(ascii: "T"): return .boolean(true)
        case UInt8(ascii: "I"): return word(8).map { .integer(Int64(bitPattern: $0)) }
        case UInt8(ascii: "D"): return word(8).map { .number(Double(bitPattern: $0)) }
        case UInt8(ascii: "S"): return text().map { .text($0) }
        case UInt8(ascii: "{"): return table()
        default: return nil
        }
    }

    private mutating func table() -> LuaValue? {
        guard let positions = word(4), let keys = word(4) else { return nil }
        var items: [LuaValue] = []
        for _ in 0..<positions {
            guard let item = value() else { return nil }
            items.append(item)
        }
        var fields: Table<String, LuaValue> = Table()
        for _ in 0..<keys {
            guard let name = text(), let value = value() else { return nil }
            fields[name] = value
        }
        return .table(items, fields)
    }

    private mutating func text() -> String? {
        guard let length = word(4), let part = take(Int(length)) else { return nil }
        return String(decoding: part, as: UTF8.self)
    }

    private mutating func word(_ count: Int) -> UInt64? {
        take(count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count - at else { return nil }
        defer { at += count }
        return bytes[at..<at + count]
    }
}
