import Foundation

/// Colour on a terminal, plain text elsewhere.
struct Ink: Sendable {
    let isOn: Bool

    /// What standard output can show; `NO_COLOR` is heeded.
    static let output: Ink = {
        let environment = ProcessInfo.processInfo.environment
        let isWanted = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        return Ink(isOn: isWanted && isatty(STDOUT_FILENO) == 1)
    }()

    func bold(_ text: String) -> String { paint(text, "1") }
    func dim(_ text: String) -> String { paint(text, "2") }
    func red(_ text: String) -> String { paint(text, "31") }
    func green(_ text: String) -> String { paint(text, "32") }
    func yellow(_ text: String) -> String { paint(text, "33") }
    func orange(_ text: String) -> String { paint(text, "38;5;208") }
    func blue(_ text: String) -> String { paint(text, "36") }

    /// A mode in its colour.
    func mode(_ name: String) -> String {
        switch name {
        case "GREEN": green(name)
        case "YELLOW": yellow(name)
        case "ORANGE": orange(name)
        case "RED": red(name)
        default: name
        }
    }

    private func paint(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Small pictures made of text.
enum Plot {
    private static let steps: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// One character a value, from nothing at 0 to full at `most`.
    static func line(_ values: [Double], most: Double) -> String {
        String(
            values.map { value in
                let share = most > 0 ? min(max(value / most, 0), 1) : 0
                return share == 0 ? " " : steps[min(7, Int(share * 8))]
            }
        )
    }

    /// A bar of `width` characters for a share of 0 to 1.
    static func bar(_ share: Double, width: Int) -> String {
        let eighths = Int((min(max(share, 0), 1) * Double(width * 8)).rounded())
        let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        var text = String(repeating: "█", count: eighths / 8)
        if eighths % 8 > 0 { text.append(parts[eighths % 8 - 1]) }
        return text + String(repeating: " ", count: width - text.count)
    }
}

extension String {
    /// Filled up with blanks on the right.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// Filled up with blanks on the left.
    func led(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

extension Double {
    /// With so many digits after the point.
    func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
