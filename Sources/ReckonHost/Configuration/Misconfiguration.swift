/// A setting that cannot work: where it stands, what was found, what is allowed.
///
/// The process does not start.
package struct Misconfiguration: Error, Sendable, Hashable {
    /// A file with its line (`reckon.toml:12`), an option (`--api`), or an environment variable.
    package let place: String
    package let key: String
    package let found: String
    package let allowed: String

    package init(place: String, key: String, found: String, allowed: String) {
        self.place = place
        self.key = key
        self.found = found
        self.allowed = allowed
    }

    package init(file: String, line: Int?, key: String, found: String, allowed: String) {
        self.init(place: line.map { "\(file):\($0)" } ?? file, key: key, found: found, allowed: allowed)
    }
}

extension Misconfiguration: CustomStringConvertible {
    /// One line.
    package var description: String {
        let subject = key.isEmpty ? place : "\(place): \(key)"
        let text = "\(subject): found \(found), allowed \(allowed)"
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
