import CPolicyHost
import Foundation

/// A policy directory, read once into bytes: the main chunk and every module that its literal `require`s
/// reach.
///
/// Nothing is read again later, so what was digested is what runs.
package struct PolicyDirectory: Sendable, Hashable {
    /// The main chunk first, then modules in the order in which they were found.
    package let files: [PolicyFile]
    /// Over names and exact bytes of all files that can be loaded, shared modules included.
    package let digest: String

    /// Reads `policy.lua` and what it reaches in the same folder and in `lib` beside that folder.
    package init(reading path: String) throws(PolicyProblem) {
        let root = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isDirectory),
            isDirectory.boolValue
        else {
            throw PolicyProblem(code: "no_directory", message: "there is no policy directory at \(path)")
        }
        let library = root.deletingLastPathComponent().appendingPathComponent("lib")
        try self.init { name throws(PolicyProblem) in
            let isShared = name.hasPrefix("lib/")
            let folder = isShared ? library : root
            let leaf = isShared ? String(name.dropFirst(4)) : name
            return try PolicyFile.contents(
                of: folder.appendingPathComponent(leaf).path,
                name: name,
                limit: POLICY_SOURCE_BYTES
            )
        }
    }

    /// A policy of one file, for trials.
    package init(source: String) throws(PolicyProblem) {
        try self.init { name throws(PolicyProblem) in name == "policy.lua" ? Array(source.utf8) : nil }
    }

    /// Gathers the files through `contents`, which gives a file's bytes by its name, or nothing where there
    /// is none.
    package init(contents: @escaping (String) throws(PolicyProblem) -> [UInt8]?) throws(PolicyProblem) {
        guard let bytes = try contents("policy.lua") else {
            throw PolicyProblem(
                code: "no_policy",
                file: "policy.lua",
                message: "the directory has no policy.lua"
            )
        }
        let main = PolicyFile(name: "policy.lua", module: "", bytes: bytes)
        var gathering = ModuleGathering(contents: contents)
        try gathering.visit(main)
        files = gathering.files
        digest = PolicyDigest.of(files)
    }
}

/// Follows literal `require`s, depth first; refuses cycles, shadowing and too many files.
private struct ModuleGathering {
    let contents: (String) throws(PolicyProblem) -> [UInt8]?
    private(set) var files: [PolicyFile] = []
    private var open: [String] = []

    init(contents: @escaping (String) throws(PolicyProblem) -> [UInt8]?) { self.contents = contents }

    mutating func visit(_ file: PolicyFile) throws(PolicyProblem) {
        let most = POLICY_SOURCES
        guard file.bytes.count <= POLICY_SOURCE_BYTES else {
            throw PolicyProblem(
                code: "file_too_large",
                file: file.name,
                message: "the file has \(file.bytes.count) bytes; at most \(POLICY_SOURCE_BYTES)"
            )
        }
        guard files.count < most else {
            throw PolicyProblem(code: "too_many_files", file: file.name, message: "more than \(most) files")
        }
        files.append(file)
        open.append(file.module)
        for wanted in try SourceRules.check(file) {
            try checkName(wanted, in: file)
            if open.contains(wanted.module) {
                throw PolicyProblem(
                    code: "module_cycle",
                    file: file.name,
                    line: wanted.line,
                    message: "`\(wanted.module)` requires itself, straight or round about"
                )
            }
            if files.contains(where: { $0.module == wanted.module }) { continue }
            try visit(try module(wanted, from: file))
        }
        open.removeLast()
    }

    private func checkName(_ wanted: SourceRules.Requirement, in file: PolicyFile) throws(PolicyProblem) {
        let name = wanted.module
        guard !PolicyName.isModule(name) || name == "policy" || name == "cases" else { return }
        throw PolicyProblem(
            code: "module_name",
            file: file.name,
            line: wanted.line,
            message:
                "`\(PolicyName.shown(name))` is no module name: at most 64 letters, digits, `_`; not policy, cases"
        )
    }

    private func module(
        _ wanted: SourceRules.Requirement,
        from file: PolicyFile
    ) throws(PolicyProblem) -> PolicyFile {
        func refusal(_ code: String, _ message: String) -> PolicyProblem {
            PolicyProblem(code: code, file: file.name, line: wanted.line, message: message)
        }
        let name = wanted.module
        let own = try contents("\(name).lua")
        let shared = try contents("lib/\(name).lua")
        switch (own, shared) {
        case (.some, .some):
            throw refusal(
                "module_shadowed",
                "`\(name)` is both in the policy's folder and in lib; rename one"
            )
        case (.some(let bytes), .none): return PolicyFile(name: "\(name).lua", module: name, bytes: bytes)
        case (.none, .some(let bytes)): return PolicyFile(name: "lib/\(name).lua", module: name, bytes: bytes)
        case (.none, .none):
            throw refusal("module_missing", "there is no module `\(name)` in the policy's folder or in lib")
        }
    }
}

/// The letters that names may have.
enum PolicyName {
    /// A name that may be anything, as one short line.
    static func shown(_ name: String) -> String {
        let bytes = name.utf8.prefix(64).map { (32...126).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func isModule(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
                    || byte == 95
            }
    }
}
