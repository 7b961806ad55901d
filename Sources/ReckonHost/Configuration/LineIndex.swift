/// On which line of a TOML text a key stands; the parser's values do not say.
///
/// Knows `[table]` headers and `key = value` lines, which is all that our files need. A key that it cannot find gets its
/// table's line, and failing that none.
struct LineIndex {
    private var lines: [String: Int] = [:]

    init(_ text: String) {
        var table = ""
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = LineIndex.trimmed(raw)
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                table = LineIndex.name(line[line.index(after: line.startIndex)..<end])
                note(table, index + 1)
            } else if !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") {
                let key = LineIndex.name(line[..<equals])
                note(table.isEmpty ? key : "\(table).\(key)", index + 1)
            }
        }
    }

    func line(of path: String) -> Int? {
        if let line = lines[path] { return line }
        guard let dot = path.lastIndex(of: ".") else { return nil }
        return line(of: String(path[..<dot]))
    }

    private mutating func note(_ path: String, _ line: Int) {
        if lines[path] == nil { lines[path] = line }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// A dotted name without quotes and blanks.
    private static func name(_ text: Substring) -> String {
        text.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" && $0 != "[" }
    }
}
