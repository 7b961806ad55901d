import ArgumentParser
import Foundation
import ReckonPolicy

/// `reckon policy types`: what an editor needs to know.
struct PolicyTypesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "types",
        abstract: "Print the LuaCATS types of beliefs, knobs and policies.",
        discussion: "With --check FILE nothing is printed; exit 1 if the file is not what would be printed."
    )

    @Option(help: "Compare with this file instead.")
    var check: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws { if let check { try PolicyPath.requireReadable(check) } }

    func run() throws {
        guard let check else {
            let text = TypesFile.text
            PolicyOutput.print(
                json ? JSONText.object([("types", JSONText.string(text))]) : String(text.dropLast())
            )
            return
        }
        let isCurrent = FileManager.default.contents(atPath: check).map {
            Array($0) == Array(TypesFile.text.utf8)
        }
        if json { PolicyOutput.print(JSONText.object([("ok", "\(isCurrent ?? false)")])) }
        guard isCurrent != true else { return }
        PolicyOutput.complain("\(check) is not current; write it anew with `reckon policy types > \(check)`")
        throw ExitCode(1)
    }
}
