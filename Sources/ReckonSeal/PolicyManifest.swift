package import ReckonPolicy

/// Which files make up a release, by their digests, under a revision that only rises.
///
/// Plain text of one form, so that the same manifest has the same bytes.
package struct PolicyManifest: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        package let name: String
        package let digest: String
        package let count: Int
    }

    package let policy: String
    package let revision: Int
    /// In the order of names.
    package let rows: [Row]

    package static let file = "policy.manifest"
    static let heading = "reckon policy manifest 1"
    static let byteLimit = 64 * 1024

    package init(policy: String, revision: Int, _ directory: PolicyDirectory) {
        self.policy = policy
        self.revision = revision
        rows = directory.files.sorted { $0.name < $1.name }.map { file in
            Row(name: file.name, digest: PolicyDigest.of(file.bytes), count: file.bytes.count)
        }
    }

    package var text: String {
        let files = rows.map { "file \($0.digest) \($0.count) \($0.name)" }
        return ([Self.heading, "policy \(policy)", "revision \(revision)"] + files).joined(separator: "\n")
            + "\n"
    }

    package init(reading text: String) throws(PolicyProblem) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.popLast() == "", lines.count >= 4, lines[0] == Self.heading else {
            throw Self.problem(1, "it must begin with `\(Self.heading)` and end with a line break")
        }
        guard lines[1].hasPrefix("policy ") else { throw Self.problem(2, "found no `policy NAME`") }
        policy = String(lines[1].dropFirst(7))
        guard lines[2].hasPrefix("revision "), let revision = Int(lines[2].dropFirst(9)), revision > 0 else {
            throw Self.problem(3, "found no `revision N` of at least 1")
        }
        self.revision = revision
        var rows: [Row] = []
        for (index, line) in lines.dropFirst(3).enumerated() {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 4, words[0] == "file", words[1].utf8.count == 64, let count = Int(words[2])
            else {
                throw Self.problem(index + 4, "found no `file DIGEST BYTES NAME`")
            }
            rows.append(Row(name: words[3], digest: words[1], count: count))
        }
        self.rows = rows
    }

    private static func problem(_ line: Int, _ message: String) -> PolicyProblem {
        PolicyProblem(code: "manifest_shape", file: file, line: line, message: message)
    }

    /// Refuses a directory whose loadable files are not exactly these.
    package func check(_ directory: PolicyDirectory) throws(PolicyProblem) {
        for file in directory.files {
            guard let row = rows.first(where: { $0.name == file.name }) else {
                throw PolicyProblem(
                    code: "file_unlisted",
                    file: file.name,
                    message: "the file can be loaded and is not in the manifest; sign the policy anew"
                )
            }
            let digest = PolicyDigest.of(file.bytes)
            guard row.digest == digest, row.count == file.bytes.count else {
                throw PolicyProblem(
                    code: "file_changed",
                    file: file.name,
                    message: "the file has the digest \(digest.prefix(16))…, the manifest "
                        + "\(row.digest.prefix(16))…; it was changed after it was signed"
                )
            }
        }
        if let row = rows.first(where: { row in !directory.files.contains { $0.name == row.name } }) {
            throw PolicyProblem(
                code: "file_missing",
                file: row.name,
                message: "the manifest lists the file, and the policy does not load it"
            )
        }
    }
}
