import Foundation
package import ReckonPolicy

/// A policy with the modules of `lib` that it uses, as one folder that needs nothing beside it.
package enum PolicyPack {
    /// Files that go along and are never loaded by an engine.
    private static let companions = ["cases.lua", "README.md"]

    /// Writes the folder, which must not exist yet, and reads it back.
    package static func write(_ path: String, to target: String) throws(PolicyProblem) -> PolicyDirectory {
        let source = try PolicyDirectory(reading: path)
        guard !FileManager.default.fileExists(atPath: target) else {
            throw PolicyProblem(code: "not_written", message: "\(target) exists; give another folder")
        }
        do {
            let folder = URL(fileURLWithPath: target)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for file in source.files {
                let name = file.module.isEmpty ? file.name : "\(file.module).lua"
                try Data(file.bytes).write(to: folder.appendingPathComponent(name))
            }
            for name in companions {
                let from = URL(fileURLWithPath: path).appendingPathComponent(name)
                guard FileManager.default.fileExists(atPath: from.path) else { continue }
                try FileManager.default.copyItem(at: from, to: folder.appendingPathComponent(name))
            }
        } catch {
            throw PolicyProblem(code: "not_written", message: "\(target) cannot be written: \(error)")
        }
        return try PolicyDirectory(reading: target)
    }
}
