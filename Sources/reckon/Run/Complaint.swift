import ArgumentParser
import Foundation
import ReckonPolicy

/// A wrong use, in one line on stderr: what, where, found, allowed.
///
/// Exit code 64.
struct Complaint: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Says it, and gives the exit code to throw.
    static func exit(_ command: String, _ error: any Error) -> ExitCode {
        let words = (error as? PolicyProblem).map { "policy: \($0.text)" } ?? "\(error)"
        let text = words.split(whereSeparator: \.isNewline).joined(separator: " ")
        FileHandle.standardError.write(Data("reckon \(command): \(text)\n".utf8))
        return ExitCode(64)
    }
}
