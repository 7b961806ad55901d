/// Why a text is not JSON.
package struct JSONFlaw: Error, Sendable, Hashable {
    /// Byte, counted from 1.
    package let position: Int
    package let what: String
}

/// Reads JSON strictly: no repeated keys, no trailing text, bounded depth.
///
/// A repeated key is refused because two readers would take two different values, and here that could be a size.
package struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0
    private static let mostDepth = 16

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    package static func read(_ bytes: some Sequence<UInt8>) throws(JSONFlaw) -> JSON {
        var reader = JSONReader(Array(bytes))
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.index == reader.bytes.count else { throw reader.flaw("text after the value") }
        return value
    }

    private func flaw(_ what: String) -> JSONFlaw { JSONFlaw(position: index + 1, what: what) }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        guard next == character.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFlaw) -> JSON {
        guard depth < JSONReader.mostDepth else { throw flaw("nesting deeper than \(JSONReader.mostDepth)") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte):
            return try number()
        case .some: throw flaw("a character that begins no value")
        case .none: throw flaw("the end of the text where a value should be")
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSONFlaw) -> JSON {
        guard bytes[index...].starts(with: word.utf8) else { throw flaw("a word that is not \(word)") }
        index += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONFlaw) -> JSON {
        index += 1
        var members: [JSON.Member] = []
        skipBlanks()
        if take("}") { return .object(members) }
        repeat {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw flaw("something other than a key") }
            let key = try text()
            guard !members.contains(where: { $0.key == key }) else {
                throw flaw("the key \"\(key.prefix(60))\" twice")
            }
            skipBlanks()
            guard take(":") else { throw flaw("no colon after a key") }
            members.append(JSON.Member(key, try value(depth: depth + 1)))
            skipBlanks()
        } while take(",")
        guard take("}") else { throw flaw("an object that does not end") }
        return .object(members)
    }

    private mutating func list(depth: Int) throws(JSONFlaw) -> JSON {
        index += 1
        var items: [JSON] = []
        skipBlanks()
        if take("]") { return .list(items) }
        repeat {
            items.append(try value(depth: depth + 1))
            skipBlanks()
        } while take(",")
        guard take("]") else { throw flaw("a list that does not end") }
        return .list(items)
    }

    private mutating func number() throws(JSONFlaw) -> JSON {
        let start = index
        _ = take("-")
        if take("0") {
            if let byte = next, (0x30...0x39).contains(byte) { throw flaw("a number with a leading zero") }
        } else {
            try digits()
        }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return .number(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func digits() throws(JSONFlaw) {
        let start = index
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
        guard index > start else { throw flaw("a number without digits") }
    }

    private mutating func text() throws(JSONFlaw) -> String {
        index += 1
        var content: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw flaw("text that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): content += Array(String(try escaped()).utf8)
            case 0..<0x20: throw flaw("a control character in a text")
            default: content.append(byte)
            }
        }
        throw flaw("a text that does not end")
    }

    private mutating func escaped() throws(JSONFlaw) -> Unicode.Scalar {
        guard let byte = next else { throw flaw("a text that does not end") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw flaw("an unknown escape")
        }
    }

    private mutating func unicode() throws(JSONFlaw) -> Unicode.Scalar {
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), take("\\"), take("u") else {
            throw flaw("half a surrogate pair")
        }
        let second = try unit()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw flaw("half a surrogate pair") }
        return scalar
    }

    private mutating func unit() throws(JSONFlaw) -> UInt32 {
        guard index + 4 <= bytes.count,
            let unit = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16),
            bytes[index] != UInt8(ascii: "+")
        else { throw flaw("an escape without four hexadecimal digits") }
        index += 4
        return unit
    }
}
