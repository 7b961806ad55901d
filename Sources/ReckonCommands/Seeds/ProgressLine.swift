import Foundation

/// A line on stderr that is written over, after two seconds and where a terminal shows it.
package struct ProgressLine: Sendable {
    private let isShown = isatty(STDERR_FILENO) == 1
    private let started = Date()

    package init() {}

    package var seconds: Double { -started.timeIntervalSinceNow }

    package func show(done: Int, of count: Int, failed: Int = 0, unit: String = "seeds") {
        let left = Double(count - done) * seconds / Double(max(done, 1))
        show(
            Double(done) / Double(max(count, 1)),
            "\(done) of \(count) \(unit)\(words(failed)), \(clock(left)) left"
        )
    }

    /// What is limited by time and not by number.
    package func show(seconds spent: Double, of limit: Double, seeds: Int, failed: Int) {
        show(spent / limit, "\(clock(spent)) of \(clock(limit)), \(seeds) seeds\(words(failed))")
    }

    package func clear() {
        if isShown { write("\r\u{1B}[K") }
    }

    private func show(_ share: Double, _ text: String) {
        guard isShown, seconds > 2 else { return }
        let width = 30
        let full = Int(min(max(share, 0), 1) * Double(width))
        let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
        write("\r[\(bar)] \(text)\u{1B}[K")
    }

    private func words(_ failed: Int) -> String { failed > 0 ? ", \(failed) failed" : "" }

    private func clock(_ seconds: Double) -> String {
        let whole = Int(max(seconds, 0).rounded(.up))
        let two = { (part: Int) in part < 10 ? "0\(part)" : "\(part)" }
        return whole >= 3_600
            ? "\(whole / 3_600):\(two(whole / 60 % 60)):\(two(whole % 60))"
            : "\(whole / 60):\(two(whole % 60))"
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
