import Foundation
import ReckonSimulation
import Synchronization

/// Runs seeds in child processes, so that one that dies of a broken invariant takes no other with it.
final class SeedPool: Sendable {
    private struct Work {
        var waiting: [ClosedRange<UInt64>]
        var done: [SeedReport] = []
    }

    private let command: WorkerCommand
    private let jobs: Int
    private let work = Mutex(Work(waiting: []))
    private let started = Date()
    private let progress = ProgressLine()

    init(command: WorkerCommand, jobs: Int) {
        self.command = command
        self.jobs = jobs
    }

    /// Wall-clock seconds since the pool was made.
    var took: Double { -started.timeIntervalSinceNow }

    func run(_ seeds: ClosedRange<UInt64>, trace: String? = nil) -> [SeedReport] {
        let count = seeds.upperBound - seeds.lowerBound + 1
        let chunk = max(1, min(50, count / UInt64(jobs * 4)))
        work.withLock { work in
            for first in stride(from: seeds.lowerBound, through: seeds.upperBound, by: UInt64.Stride(chunk)) {
                work.waiting.append(first...min(first + chunk - 1, seeds.upperBound))
            }
            work.waiting.reverse()
        }
        DispatchQueue.concurrentPerform(iterations: min(jobs, Int(min(count, 256)))) { _ in
            while let part = work.withLock({ $0.waiting.popLast() }) { runPart(part, of: count, trace) }
        }
        progress.clear()
        return work.withLock { $0.done.sorted { $0.seed < $1.seed } }
    }

    private func runPart(_ part: ClosedRange<UInt64>, of count: UInt64, _ trace: String?) {
        let process = (part.count == 1 ? command.seed(part.lowerBound) : command.seeds(part)).process(
            trace: trace
        )
        let output = Pipe()
        let complaints = Pipe()
        process.standardOutput = output
        process.standardError = complaints
        process.standardInput = FileHandle.nullDevice
        var next = part.lowerBound
        do {
            try process.run()
        } catch {
            return note(SeedReport(crashed: next, because: "no child process: \(error)"), of: count)
        }
        var lines = LineReader(output.fileHandleForReading)
        let decoder = JSONDecoder()
        while let line = lines.next(), let report = try? decoder.decode(SeedReport.self, from: line) {
            next = report.seed + 1
            note(report, of: count)
        }
        let words = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard next <= part.upperBound else { return }
        let first =
            words.split(separator: "\n").first.map(String.init) ?? "status \(process.terminationStatus)"
        note(SeedReport(crashed: next, because: first), of: count)
        guard next < part.upperBound else { return }
        work.withLock { $0.waiting.append((next + 1)...part.upperBound) }
    }

    private func note(_ report: SeedReport, of count: UInt64) {
        let (done, failed) = work.withLock { work in
            work.done.append(report)
            return (work.done.count, work.done.count { $0.outcome != .held })
        }
        progress.show(done: done, of: Int(count), failed: failed, after: took)
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
