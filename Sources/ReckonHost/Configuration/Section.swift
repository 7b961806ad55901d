import Foundation
import ReckonModel
import TOMLKit

/// One table of the file, read key by key.
///
/// Each read checks type and range; `finish` refuses what nobody read.
struct Section {
    let file: String
    let name: String
    /// What relative paths count from.
    let folder: URL?
    private let table: TOMLTable?
    private let lines: LineIndex
    private var known: [String] = []

    init(file: String, name: String, folder: URL?, table: TOMLTable?, lines: LineIndex) {
        self.file = file
        self.name = name
        self.folder = folder
        self.table = table
        self.lines = lines
    }

    mutating func text(_ key: String) throws(Misconfiguration) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw refusal(key, value, "a text that is not empty")
        }
        return text
    }

    /// A path; a relative one counts from the file's own folder.
    mutating func location(_ key: String) throws(Misconfiguration) -> String? {
        guard let path = try text(key) else { return nil }
        guard let folder, !path.hasPrefix("/") else { return path }
        return folder.appendingPathComponent(path).standardizedFileURL.path
    }

    mutating func texts(_ key: String, allowed: String) throws(Misconfiguration) -> [String]? {
        guard let value = value(key) else { return nil }
        guard let array = value.array else { throw refusal(key, value, allowed) }
        var texts: [String] = []
        for item in array {
            guard let text = item.string else { throw refusal(key, item, allowed) }
            texts.append(text)
        }
        return texts
    }

    mutating func flag(_ key: String) throws(Misconfiguration) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.bool, value.type == .bool else { throw refusal(key, value, "true or false") }
        return flag
    }

    mutating func number(_ key: String, _ range: ClosedRange<Double>) throws(Misconfiguration) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = Section.number(value), range.contains(number) else {
            throw refusal(
                key,
                value,
                "a number from \(Section.short(range.lowerBound)) to \(Section.short(range.upperBound))"
            )
        }
        return number
    }

    mutating func whole(_ key: String, _ range: ClosedRange<Int>) throws(Misconfiguration) -> Int? {
        guard let value = value(key) else { return nil }
        guard value.type == .int, let number = value.int, range.contains(number) else {
            throw refusal(key, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A length of time, in the unit that the key's suffix names: `_ms` or `_sec`.
    mutating func span(_ key: String, _ range: ClosedRange<Double>) throws(Misconfiguration) -> Span? {
        guard let figure = try number(key, range) else { return nil }
        return Span(seconds: key.hasSuffix("_ms") ? figure / 1000 : figure)
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        _: Choice.Type
    ) throws(Misconfiguration) -> Choice? where Choice.RawValue == String {
        guard let value = value(key) else { return nil }
        guard let choice = value.string.flatMap({ Choice(rawValue: $0) }) else {
            throw refusal(key, value, Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
        }
        return choice
    }

    mutating func section(_ key: String) throws(Misconfiguration) -> Section {
        let value = value(key)
        if let value, value.type != .table { throw refusal(key, value, "a table") }
        return Section(file: file, name: path(key), folder: folder, table: value?.table, lines: lines)
    }

    /// Every key with a number for its value, whatever the keys are called.
    mutating func numbers() throws(Misconfiguration) -> Table<String, Double> {
        var numbers: Table<String, Double> = Table()
        for key in table?.keys ?? [] {
            numbers[key] = try number(key, -1e15...1e15)
        }
        return numbers
    }

    /// Refuses keys that nobody has read.
    func finish() throws(Misconfiguration) {
        for key in (table?.keys ?? []).sorted() where !known.contains(key) {
            // What stands there may be a secret in the wrong place, so it is not repeated.
            throw Misconfiguration(
                file: file,
                line: lines.line(of: path(key)),
                key: path(key),
                found: "an unknown key",
                allowed: known.sorted().joined(separator: ", ")
            )
        }
    }

    /// A refusal about a key of this section, for checks that only the caller can make.
    func refusal(_ key: String, found: String, allowed: String) -> Misconfiguration {
        Misconfiguration(
            file: file,
            line: lines.line(of: path(key)),
            key: path(key),
            found: found,
            allowed: allowed
        )
    }

    private mutating func value(_ key: String) -> (any TOMLValueConvertible)? {
        known.append(key)
        guard let table, table.contains(key: key) else { return nil }
        return table[key]
    }

    private func refusal(_ key: String, _ value: any TOMLValueConvertible, _ allowed: String)
        -> Misconfiguration
    {
        refusal(key, found: Section.described(value), allowed: allowed)
    }

    private func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    private static func number(_ value: any TOMLValueConvertible) -> Double? {
        switch value.type {
        case .int: value.int.map(Double.init)
        case .double: value.double
        case .table, .array, .string, .bool, .date, .time, .dateTime: nil
        }
    }

    private static func described(_ value: any TOMLValueConvertible) -> String {
        switch value.type {
        case .string: "\"\((value.string ?? "").prefix(60))\""
        case .int: "\(value.int ?? 0)"
        case .double: "\(value.double ?? 0)"
        case .bool: "\(value.bool ?? false)"
        case .table, .array, .date, .time, .dateTime: "a value of type \(value.type)"
        }
    }

    private static func short(_ figure: Double) -> String {
        figure.rounded() == figure && figure.magnitude < 1e15 ? "\(Int64(figure))" : "\(figure)"
    }
}
