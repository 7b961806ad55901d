import ArgumentParser
import Foundation
import ReckonPolicy

/// `reckon policy new DIR`: a small policy to begin with.
struct PolicyNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write a small policy to begin with.",
        discussion: "It passes check, test and search as it stands. Nothing that is there is overwritten."
    )

    @Argument(help: "The folder to make; its last part is the policy's name.")
    var directory: String

    @Option(help: "Another name for the policy.")
    var name: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let folder = URL(fileURLWithPath: directory)
        let files: [(name: String, text: String)]
        do throws(PolicyProblem) {
            files = try PolicyScaffold.files(name: name ?? folder.lastPathComponent)
        } catch {
            throw ValidationError(error.message)
        }
        let taken = files.filter {
            FileManager.default.fileExists(atPath: folder.appendingPathComponent($0.name).path)
        }
        guard taken.isEmpty else {
            throw ValidationError("\(directory) has a \(taken[0].name) already; give another folder")
        }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for file in files {
                try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name))
            }
        } catch {
            throw PolicyOutput.failure(
                PolicyProblem(code: "not_written", message: "\(directory) cannot be written: \(error)")
            )
        }
        if json {
            let names = files.map { JSONText.string($0.name) }
            PolicyOutput.print(
                JSONText.object([("policy", JSONText.string(directory)), ("files", JSONText.array(names))])
            )
            return
        }
        for file in files { PolicyOutput.print("wrote \(folder.appendingPathComponent(file.name).path)") }
        PolicyOutput.print(
            "next: reckon policy check \(directory); reckon policy test \(directory) --coverage"
        )
    }
}
