import Foundation
import Synchronization

/// A process of this very program that runs seeds and says one line about each.
///
/// It ends when its standard input does, so it never outlives the one that asked.
final class SeedChild: Sendable {
    private let process = Process()
    private let input = Pipe()
    private let complaints = Pipe()
    private let lines: Mutex<LineReader>

    init(_ command: WorkerCommand, trace: String?) throws {
        let output = Pipe()
        lines = Mutex(LineReader(output.fileHandleForReading))
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = URL(fileURLWithPath: OwnProgram.path)
        process.arguments =
            ["simulate", "--worker"] + command.words + (trace.map { ["--trace", $0] } ?? [])
        // A crash is an answer here and not a surprise: its first line is enough.
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        process.standardInput = input
        process.standardOutput = output
        process.standardError = complaints
        try process.run()
    }

    /// The report of the next seed; `nil` when there will be none.
    func next() -> SeedReport? {
        guard let line = lines.withLock({ $0.next() }) else { return nil }
        return try? JSONDecoder().decode(SeedReport.self, from: line)
    }

    /// Asks it to end; what it is at is lost.
    func end() { try? input.fileHandleForWriting.close() }

    /// Waits for its end; how it came about, in one line.
    func lastWords() -> String {
        let said = String(
            decoding: complaints.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        let how = process.terminationReason == .uncaughtSignal ? "signal" : "status"
        let first = said.split(separator: "\n").first.map { ": \($0)" } ?? ""
        return "the process ended by \(how) \(process.terminationStatus)\(first)"
    }
}

/// Lines of a pipe, as they come.
private struct LineReader {
    private let handle: FileHandle
    private var rest = Data()

    init(_ handle: FileHandle) { self.handle = handle }

    mutating func next() -> Data? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[..<end]
                rest = rest[rest.index(after: end)...]
                return Data(line)
            }
            let more = handle.availableData
            guard !more.isEmpty else { return nil }
            rest = Data(rest) + more
        }
    }
}
