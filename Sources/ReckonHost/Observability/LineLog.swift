import Foundation
package import Logging
import ReckonModel
import Synchronization

/// How a log line is written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// `time=… level=… event=… key=value`
    case line
    /// One JSON object a line.
    case json
}

/// Where log lines go: stderr, or a file that is only ever appended to.
package final class LogSink: Sendable {
    private let file: Mutex<FileHandle>

    /// Writes to stderr.
    package init() { file = Mutex(.standardError) }

    /// Writes to the end of a file, created with mode 0600 if need be.
    package init(path: String) throws(StartRefusal) {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(
                atPath: path,
                contents: nil,
                attributes: [.posixPermissions: 0o600]
            )
        }
        guard let handle = FileHandle(forWritingAtPath: path), (try? handle.seekToEnd()) != nil else {
            throw StartRefusal(
                what: "alerts.log_file",
                message: "cannot write to \(path); allowed a file in an existing folder"
            )
        }
        file = Mutex(handle)
    }

    func write(_ line: String) {
        // A log that cannot be written must not bring the engine down.
        file.withLock { try? $0.write(contentsOf: Data((line + "\n").utf8)) }
    }
}

/// swift-log in flat keys, one line an event.
package struct LineLog: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let label: String
    private let format: LogFormat
    private let sink: LogSink
    private let clock: HostClock

    package init(label: String, level: Logger.Level, format: LogFormat, sink: LogSink, clock: HostClock) {
        self.label = label
        logLevel = level
        self.format = format
        self.sink = sink
        self.clock = clock
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var pairs: [(String, String)] = [
            ("time", clock.now().rfc3339),
            ("level", event.level.rawValue),
            ("event", event.message.description),
        ]
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }
        pairs += merged.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
        sink.write(pairs.map { format.pair($0.0, $0.1) }.joined(separator: format.separator).wrapped(format))
    }
}

extension LogFormat {
    fileprivate var separator: String { self == .json ? "," : " " }

    fileprivate func pair(_ key: String, _ value: String) -> String {
        switch self {
        case .json: "\(LogFormat.quoted(key)):\(LogFormat.quoted(value))"
        case .line: "\(key)=\(LogFormat.isPlain(value) ? value : LogFormat.quoted(value))"
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
            }
    }

    /// As JSON writes texts; control characters can break no line.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension String {
    fileprivate func wrapped(_ format: LogFormat) -> String { format == .json ? "{\(self)}" : self }
}
