import ArgumentParser
import Foundation
import ReckonPolicy

/// A wrong use, in one line on stderr: what, where, found, allowed.
///
/// Exit code 64, or 1 where the question was sound and its answer is no.
struct Complaint: Error, CustomStringConvertible {
    let description: String
    private let isAnswer: Bool

    init(_ description: String, isAnswer: Bool = false) {
        self.description = description
        self.isAnswer = isAnswer
    }

    /// Says it, and gives the exit code to throw.
    static func exit(_ command: String, _ error: any Error) -> ExitCode {
        let words = (error as? PolicyProblem).map { "policy: \($0.text)" } ?? "\(error)"
        let text = words.split(whereSeparator: \.isNewline).joined(separator: " ")
        FileHandle.standardError.write(Data("reckon \(command): \(text)\n".utf8))
        return (error as? Complaint)?.isAnswer == true ? ExitCode.failure : ExitCode(64)
    }
}
