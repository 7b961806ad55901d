import Foundation
package import ReckonPolicy

/// Every byte of a release, read once: what can be loaded, its cases, its manifest and its signature.
///
/// Nothing is read again later: what was verified and tried out is what runs, and what a journal keeps.
package struct ReleaseFiles: Sendable, Hashable {
    package let directory: PolicyDirectory
    private let companions: [PolicyFile]

    private static let companionNames = [
        CaseFile.name, PolicyManifest.file, ReleaseLoader.signatureFile,
    ]

    package init(reading path: String) throws(PolicyProblem) {
        directory = try PolicyDirectory(reading: path)
        let root = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        var companions: [PolicyFile] = []
        for name in Self.companionNames {
            let bytes = try PolicyFile.contents(
                of: root.appendingPathComponent(name).path,
                name: name,
                limit: PolicyManifest.byteLimit
            )
            if let bytes { companions.append(PolicyFile(name: name, module: "", bytes: bytes)) }
        }
        self.companions = companions
    }

    /// From files that were read before.
    package init(kept files: [PolicyFile]) throws(PolicyProblem) {
        directory = try PolicyDirectory { name throws(PolicyProblem) in
            files.first { $0.name == name }?.bytes
        }
        companions = files.filter { Self.companionNames.contains($0.name) }
    }

    package var all: [PolicyFile] { directory.files + companions }

    /// Over names and exact bytes of all of it, also of what is never loaded.
    package var fingerprint: String { PolicyDigest.of(all) }

    func bytes(of name: String) -> [UInt8]? { companions.first { $0.name == name }?.bytes }

    func text(of name: String) throws(PolicyProblem) -> String? {
        guard let bytes = bytes(of: name) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PolicyProblem(code: "file_unreadable", file: name, message: "the file is not UTF-8")
        }
        return text
    }
}
