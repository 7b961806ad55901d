import Hummingbird
import NIOCore
import ReckonModel

/// One JSON object of a request, read field by field; `finish` refuses what nobody has read.
struct Body {
    static let mostBytes = 16 * 1024

    private let members: [JSON.Member]
    /// What comes before a field's name, such as `stop.`.
    private let prefix: String
    private var known: [String] = []

    init(_ request: Request) async throws {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: Body.mostBytes)
        } catch is NIOTooManyBytesError {
            throw ControlError(
                .contentTooLarge,
                .tooLarge,
                rule: "body",
                found: "a larger body",
                allowed: "at most \(Body.mostBytes) bytes"
            )
        }
        try self.init(buffer.readableBytesView)
    }

    init(_ bytes: some Sequence<UInt8>) throws(ControlError) {
        let json: JSON
        do {
            json = try JSONReader.read(bytes)
        } catch {
            throw .malformed(
                "body",
                found: "\(error.what) (byte \(error.position))",
                allowed: "one JSON object"
            )
        }
        try self.init(json, name: "body", prefix: "")
    }

    private init(_ json: JSON, name: String, prefix: String) throws(ControlError) {
        guard case .object(let members) = json else {
            throw .malformed(name, found: json.kindName, allowed: "an object")
        }
        self.members = members
        self.prefix = prefix
    }

    func has(_ key: String) -> Bool { members.contains { $0.key == key } }

    mutating func text(_ key: String, allowed: String, _ isAllowed: (String) -> Bool) throws(ControlError)
        -> String?
    {
        guard let value = value(key) else { return nil }
        guard case .text(let text) = value, isAllowed(text) else {
            throw malformed(key, value.kindName, allowed)
        }
        return text
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        _: Choice.Type
    ) throws(ControlError) -> Choice? where Choice.RawValue == String {
        let allowed = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        return try text(key, allowed: allowed) { Choice(rawValue: $0) != nil }.flatMap {
            Choice(rawValue: $0)
        }
    }

    /// A decimal above zero, as a text, so that no reader rounds it.
    mutating func decimal<Number: FixedPoint>(_ key: String, orZero: Bool = false) throws(ControlError)
        -> Number?
    {
        guard let value = value(key) else { return nil }
        let allowed =
            "a decimal text \(orZero ? "not below" : "above") 0 with at most 8 places, such as \"0.015\""
        guard case .text(let text) = value else { throw malformed(key, value.kindName, allowed) }
        let number: Number
        do {
            number = try Number(parsing: text)
        } catch {
            throw malformed(key, "\"\(text.prefix(40))\" (\(error))", allowed)
        }
        // Far above any market, and far below what products of two could overflow with.
        guard number.isPositive || (orZero && number.isZero), number.units <= 1_000_000_000 * Number.scale
        else {
            throw malformed(key, "\"\(text.prefix(40))\"", "\(allowed), at most 1000000000")
        }
        return number
    }

    mutating func whole(_ key: String, _ range: ClosedRange<Int64>) throws(ControlError) -> Int64? {
        guard let value = value(key) else { return nil }
        guard case .number(let text) = value, let number = Int64(text), range.contains(number) else {
            throw malformed(
                key,
                value.kindName,
                "a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    mutating func figure(_ key: String, _ range: ClosedRange<Double>) throws(ControlError) -> Double? {
        guard let value = value(key) else { return nil }
        guard case .number(let text) = value, let number = Double(text), range.contains(number) else {
            throw malformed(key, value.kindName, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func flag(_ key: String) throws(ControlError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .flag(let flag) = value else { throw malformed(key, value.kindName, "true or false") }
        return flag
    }

    mutating func object(_ key: String) throws(ControlError) -> Body? {
        guard let value = value(key) else { return nil }
        return try Body(value, name: prefix + key, prefix: "\(prefix)\(key).")
    }

    /// Refuses fields that nobody has read.
    func finish() throws(ControlError) {
        for member in members where !known.contains(member.key) {
            throw .malformed(
                prefix + member.key.prefix(60),
                found: "an unknown field",
                allowed: known.map { prefix + $0 }.joined(separator: ", ")
            )
        }
    }

    func malformed(_ key: String, _ found: String, _ allowed: String) -> ControlError {
        .malformed(prefix + key, found: found, allowed: allowed)
    }

    /// An explicit `null` is as good as nothing.
    private mutating func value(_ key: String) -> JSON? {
        known.append(key)
        let value = members.first { $0.key == key }?.value
        return value == .null ? nil : value
    }
}
