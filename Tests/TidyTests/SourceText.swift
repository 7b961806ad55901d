import Foundation

/// One file, with its code and its comments told apart.
struct SourceText: Sendable {
    let path: String
    let text: String
    /// The text with comments and the insides of literals blanked, line for line and column for column.
    let code: String
    /// The text with everything but comments blanked, likewise.
    let comments: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        if path.hasSuffix(".swift") || path.hasSuffix(".c") || path.hasSuffix(".h") {
            var scanner = Scanner(text, isSwift: path.hasSuffix(".swift"))
            scanner.run()
            code = String(decoding: scanner.code, as: UTF8.self)
            comments = String(decoding: scanner.comments, as: UTF8.self)
        } else {
            code = text
            comments = ""
        }
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The target that the file belongs to: the folder under `Sources` or `Tests`.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && (parts[0] == "Sources" || parts[0] == "Tests") ? String(parts[1]) : nil
    }

    var lineCount: Int {
        text.split(separator: "\n", omittingEmptySubsequences: false).count - (text.hasSuffix("\n") ? 1 : 0)
    }

    var isGenerated: Bool { text.prefix { $0 != "\n" }.lowercased().contains("generated") }
}

/// Where a pattern was found.
struct Match: Sendable {
    let line: Int
    let text: String
    /// What the first group caught.
    let group: String?
    let end: String.Index
}

/// A regular expression that can be kept in a table.
struct Pattern: Sendable, ExpressibleByStringLiteral {
    let source: String

    init(_ source: String) { self.source = source }

    init(stringLiteral value: String) { source = value }

    func matches(in text: String) -> [Match] {
        guard let expression = try? NSRegularExpression(pattern: source, options: [.anchorsMatchLines]) else {
            return [
                Match(
                    line: 0,
                    text: "a pattern that cannot be read: \(source)",
                    group: nil,
                    end: text.startIndex
                )
            ]
        }
        let found = expression.matches(in: text, range: NSRange(text.startIndex..., in: text))
        var line = 1
        var place = text.startIndex
        return found.compactMap { match in
            guard let range = Range(match.range, in: text) else { return nil }
            line += text[place..<range.lowerBound].utf8.count { $0 == UInt8(ascii: "\n") }
            place = range.lowerBound
            let group =
                match.numberOfRanges > 1 ? Range(match.range(at: 1), in: text).map { String(text[$0]) } : nil
            return Match(line: line, text: String(text[range]), group: group, end: range.upperBound)
        }
    }

    func isFound(in text: String) -> Bool { !matches(in: text).isEmpty }
}

/// Tells code from comments and literals, byte by byte.
private struct Scanner {
    private enum Place {
        /// Parentheses that are open; only inside an interpolation does closing the last one end the place.
        case code(open: Int, isInterpolation: Bool)
        case text(hashes: Int, quotes: Int)
    }

    private let bytes: [UInt8]
    private let isSwift: Bool
    private var index = 0
    private var places: [Place] = [.code(open: 0, isInterpolation: false)]
    private(set) var code: [UInt8] = []
    private(set) var comments: [UInt8] = []

    init(_ text: String, isSwift: Bool) {
        bytes = Array(text.utf8)
        self.isSwift = isSwift
        code.reserveCapacity(bytes.count)
        comments.reserveCapacity(bytes.count)
    }

    mutating func run() {
        while index < bytes.count {
            switch places.last {
            case .text(let hashes, let quotes): stepText(hashes: hashes, quotes: quotes)
            case .code(let open, let isInterpolation): stepCode(open: open, isInterpolation: isInterpolation)
            case nil: return
            }
        }
    }

    private mutating func stepCode(open: Int, isInterpolation: Bool) {
        if starts("//") { return takeComment { $0.bytes[$0.index] != UInt8(ascii: "\n") } }
        if starts("/*") { return takeBlockComment() }
        if !isSwift, starts("'") { return takeCharacter() }
        let hashes = isSwift ? run(of: UInt8(ascii: "#"), at: index) : 0
        if byte(index + hashes) == UInt8(ascii: "\"") {
            let quotes = isSwift && opensLines(at: index + hashes) ? 3 : 1
            places.append(.text(hashes: hashes, quotes: quotes))
            return take(hashes + quotes, asCode: true)
        }
        switch bytes[index] {
        case UInt8(ascii: "("): setOpen(open + 1, isInterpolation)
        case UInt8(ascii: ")") where isInterpolation && open == 1: places.removeLast()
        case UInt8(ascii: ")"): setOpen(open - 1, isInterpolation)
        default: break
        }
        take(1, asCode: true)
    }

    private mutating func stepText(hashes: Int, quotes: Int) {
        let isEnd =
            run(of: UInt8(ascii: "\""), at: index) >= quotes
            && run(of: UInt8(ascii: "#"), at: index + quotes) >= hashes
        if isEnd || (quotes == 1 && bytes[index] == UInt8(ascii: "\n")) {
            places.removeLast()
            return take(isEnd ? quotes + hashes : 1, asCode: true)
        }
        guard bytes[index] == UInt8(ascii: "\\"), run(of: UInt8(ascii: "#"), at: index + 1) >= hashes else {
            return take(1, asCode: false)
        }
        if isSwift, byte(index + 1 + hashes) == UInt8(ascii: "(") {
            take(1 + hashes, asCode: false)
            places.append(.code(open: 1, isInterpolation: true))
            return take(1, asCode: true)
        }
        take(2 + hashes, asCode: false)
    }

    private mutating func takeBlockComment() {
        var depth = 0
        repeat {
            if starts("/*"), isSwift || depth == 0 {
                depth += 1; takeAsComment(2)
            } else if starts("*/") {
                depth -= 1
                takeAsComment(2)
            } else {
                takeAsComment(1)
            }
        } while depth > 0 && index < bytes.count
    }

    /// A character constant of C, whose quote may be a double one.
    private mutating func takeCharacter() {
        take(1, asCode: true)
        while index < bytes.count, bytes[index] != UInt8(ascii: "'"), bytes[index] != UInt8(ascii: "\n") {
            take(bytes[index] == UInt8(ascii: "\\") ? 2 : 1, asCode: false)
        }
        take(1, asCode: true)
    }

    private mutating func takeComment(while goesOn: (Scanner) -> Bool) {
        while index < bytes.count, goesOn(self) { takeAsComment(1) }
    }

    private mutating func take(_ count: Int, asCode: Bool) {
        for _ in 0..<count where index < bytes.count {
            let isBreak = bytes[index] == UInt8(ascii: "\n")
            code.append(asCode || isBreak ? bytes[index] : UInt8(ascii: " "))
            comments.append(isBreak ? bytes[index] : UInt8(ascii: " "))
            index += 1
        }
    }

    private mutating func takeAsComment(_ count: Int) {
        for _ in 0..<count where index < bytes.count {
            comments.append(bytes[index])
            code.append(bytes[index] == UInt8(ascii: "\n") ? bytes[index] : UInt8(ascii: " "))
            index += 1
        }
    }

    private mutating func setOpen(_ open: Int, _ isInterpolation: Bool) {
        places[places.count - 1] = .code(open: open, isInterpolation: isInterpolation)
    }

    /// Three quotes open a text of several lines only at the end of a line; else they are quotes of a raw text.
    private func opensLines(at start: Int) -> Bool {
        guard run(of: UInt8(ascii: "\""), at: start) == 3 else { return false }
        let rest = bytes[(start + 3)...].prefix { $0 != UInt8(ascii: "\n") }
        return rest.allSatisfy { $0 == UInt8(ascii: " ") }
    }

    private func byte(_ place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private func starts(_ text: StaticString) -> Bool {
        (0..<text.utf8CodeUnitCount).allSatisfy { byte(index + $0) == text.utf8Start[$0] }
    }

    private func run(of wanted: UInt8, at start: Int) -> Int {
        var count = 0
        while byte(start + count) == wanted { count += 1 }
        return count
    }
}
