/// A JSON value whose keys keep their order, so that the same answer is always the same bytes.
package enum JSON: Sendable, Hashable {
    case null
    case flag(Bool)
    /// As it is written.
    case number(String)
    case text(String)
    case list([JSON])
    case object([Member])
    /// JSON text from elsewhere, put in as it is.
    case raw(String)

    package struct Member: Sendable, Hashable {
        package let key: String
        package let value: JSON

        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    package static func whole(_ number: some BinaryInteger) -> JSON { .number("\(number)") }

    /// Figures for policies and pictures; JSON knows no infinity, so such a one is `null`.
    package static func figure(_ number: Double) -> JSON { number.isFinite ? .number("\(number)") : .null }

    package static func optional(_ text: (some CustomStringConvertible)?) -> JSON {
        text.map { .text($0.description) } ?? .null
    }

    package static func texts(_ texts: [String]) -> JSON { .list(texts.map { .text($0) }) }

    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// What a reader is told was found.
    var kindName: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let text): "the number \(text.prefix(40))"
        case .text(let text): "\"\(text.prefix(60))\""
        case .list: "a list"
        case .object: "an object"
        case .raw: "JSON"
        }
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    package init(stringLiteral value: String) { self = .text(value) }

    package init(booleanLiteral value: Bool) { self = .flag(value) }
}

extension JSON: CustomStringConvertible {
    /// Compact JSON text.
    package var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to output: inout String) {
        switch self {
        case .null: output += "null"
        case .flag(let flag): output += flag ? "true" : "false"
        case .number(let text), .raw(let text): output += text
        case .text(let text): JSON.write(quoted: text, to: &output)
        case .list(let items):
            output += "["
            for (index, item) in items.enumerated() {
                if index > 0 { output += "," }
                item.write(to: &output)
            }
            output += "]"
        case .object(let members):
            output += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { output += "," }
                JSON.write(quoted: member.key, to: &output)
                output += ":"
                member.value.write(to: &output)
            }
            output += "}"
        }
    }

    private static func write(quoted text: String, to output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case _ where scalar.value < 0x20:
                output += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
