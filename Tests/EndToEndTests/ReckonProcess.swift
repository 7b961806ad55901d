import Foundation

/// The built program as a process of its own.
final class ReckonProcess {
    private let process = Process()
    private let errors = Pipe()
    private let output = Pipe()

    /// Where `swift build` put the program: beside the test bundle that runs now.
    static var binary: URL {
        let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        let folder = (bundle ?? URL(fileURLWithPath: CommandLine.arguments[0])).deletingLastPathComponent()
        return folder.appendingPathComponent("reckon")
    }

    /// The project's top folder.
    static var project: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// `isQuiet` is for processes that outlive a pipe that nobody reads.
    init(_ arguments: [String], in folder: URL, isQuiet: Bool = false) throws {
        process.executableURL = ReckonProcess.binary
        process.arguments = arguments
        process.currentDirectoryURL = folder
        if isQuiet {
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
        } else {
            process.standardError = errors
            process.standardOutput = output
        }
        try process.run()
    }

    var number: Int32 { process.processIdentifier }

    var isRunning: Bool { process.isRunning }

    /// Ends it as a power cut would.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to end in good order; its exit code.
    func end() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// What a command said once it has ended by itself, and its exit code.
    func finished() -> (code: Int32, output: String, errors: String) {
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus,
            String(decoding: said, as: UTF8.self),
            String(decoding: complained, as: UTF8.self)
        )
    }
}

/// A folder that is gone after the test.
struct ScratchFolder: ~Copyable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("reckon-e2e-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func write(_ text: String, to name: String) throws -> String {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
        return file.path
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    deinit { try? FileManager.default.removeItem(at: url) }
}
