import ArgumentParser
import Foundation
import Synchronization

/// Runs of a comparison on disk: a line of terms, then a line for each run as it ended.
///
/// Whatever stops the writer, all whole lines count; a torn last one is run again.
struct ComparisonPart: Sendable {
    struct Head: Codable, Equatable {
        var format = 1
        let terms: ComparisonTerms
        /// `2/3` for the second of three.
        var shard: String?
    }

    let head: Head
    let runs: RunTable

    /// Refuses what is no part file, with the line.
    init(reading path: String) throws {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ValidationError("\(path): cannot be read")
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What stands behind the last line break was never finished.
        lines.removeLast()
        let decoder = JSONDecoder()
        guard let first = lines.first, let head = try? decoder.decode(Head.self, from: Data(first)) else {
            throw ValidationError("\(path):1: this is no part of a comparison")
        }
        guard head.format == 1 else {
            throw ValidationError("\(path):1: found format \(head.format), allowed 1")
        }
        var runs = RunTable()
        for (index, line) in lines.enumerated().dropFirst() {
            guard let run = try? decoder.decode(ComparedRun.self, from: Data(line)) else {
                throw ValidationError("\(path):\(index + 1): this is no run; restore the file")
            }
            guard runs.add(run) else {
                throw ValidationError(
                    "\(path):\(index + 1): a second run of \(run.scenario), \(run.policy), seed \(run.seed), "
                        + "with another result"
                )
            }
        }
        self.head = head
        self.runs = runs
    }
}

/// Writes runs as they end.
final class PartWriter: Sendable {
    let path: String
    private let file: Mutex<FileHandle?>

    /// Starts the file with what is known already, all of it or nothing.
    init(_ path: String, head: ComparisonPart.Head, known: [ComparedRun]) throws {
        self.path = path
        var bytes = try PartWriter.line(head)
        for run in known { bytes += try PartWriter.line(run) }
        do {
            try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.seekToEnd()
            file = Mutex(handle)
        } catch {
            throw ValidationError("\(path): cannot be written")
        }
    }

    /// Whether it went to disk; after a failure nothing more is written.
    func write(_ run: ComparedRun) -> Bool {
        file.withLock { handle in
            guard let open = handle else { return false }
            do {
                try open.write(contentsOf: PartWriter.line(run))
                return true
            } catch {
                handle = nil
                return false
            }
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    private static func line(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data("\n".utf8)
    }
}
