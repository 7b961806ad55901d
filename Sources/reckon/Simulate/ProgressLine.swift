import Foundation

/// A line on stderr that is written over, after two seconds and where a terminal shows it.
struct ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1

    func show(done: Int, of count: Int, failed: Int, after seconds: Double) {
        guard isShown, seconds > 2 else { return }
        let width = 30
        let full = done * width / max(count, 1)
        let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
        let left = Double(count - done) * seconds / Double(max(done, 1))
        let words = failed > 0 ? ", \(failed) failed" : ""
        write("\r[\(bar)] \(done) of \(count)\(words), \(Int(left)) s left   ")
    }

    func clear() {
        if isShown { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
