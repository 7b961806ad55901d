import ArgumentParser
import Foundation

/// Paths on the command line; a wrong one is a wrong use (exit 64), not a result.
package enum PolicyPath {
    package static func requireDirectory(_ path: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ValidationError("there is no directory at \(path)")
        }
        guard isDirectory.boolValue else {
            throw ValidationError("\(path) is a file; give the policy's directory")
        }
    }

    package static func requireReadable(_ path: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
            FileManager.default.isReadableFile(atPath: path)
        else { throw ValidationError("there is no readable file at \(path)") }
    }
}

/// Lines to the standard streams, unbuffered so that order is kept when both go to one place.
enum PolicyOutput {
    static func print(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    static func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
