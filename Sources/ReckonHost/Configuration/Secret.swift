import Foundation

/// A text that never shows itself: no description, mirror or error holds it (I-13).
package struct Secret: Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// Reads a secret's file, which nobody but its owner may read.
    package init(file path: String, key: String) throws(Misconfiguration) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
        else {
            throw Misconfiguration(
                place: path,
                key: key,
                found: "no such file",
                allowed: "a file with mode 0600"
            )
        }
        guard mode & 0o077 == 0 else {
            throw Misconfiguration(
                place: path,
                key: key,
                found: "mode 0\(String(mode, radix: 8))",
                allowed: "mode 0600: chmod 600 it"
            )
        }
        guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Misconfiguration(
                place: path,
                key: key,
                found: "a file that cannot be read",
                allowed: "UTF-8 text"
            )
        }
        let trimmed = content.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, !trimmed.contains(where: \.isNewline) else {
            throw Misconfiguration(
                place: path,
                key: key,
                found: "no text, or more than one line",
                allowed: "one line"
            )
        }
        text = trimmed
    }

    /// The secret from its file, else from the environment, else none.
    package static func find(
        file: String?,
        key: String,
        variable: String,
        environment: [String: String]
    ) throws(Misconfiguration) -> Secret? {
        if let file { return try Secret(file: file, key: key) }
        return environment[variable].flatMap { $0.isEmpty ? nil : Secret($0) }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
