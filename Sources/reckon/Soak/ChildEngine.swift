import Foundation

/// This very program as a process of its own.
final class ChildEngine: Sendable {
    /// How a child has ended.
    enum End: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    private let process: Process
    /// What it says on stdout, where that is wanted.
    private let output: Pipe?

    init(_ arguments: [String], keepsOutput: Bool = false) throws {
        let process = Process()
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(
            fileURLWithPath: own ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
        )
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        output = keepsOutput ? Pipe() : nil
        process.standardOutput = output ?? FileHandle.nullDevice
        // A child that dies of a broken invariant is an answer here; nobody waits for its stack.
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        try process.run()
        self.process = process
    }

    /// Ends it as a power cut would; how it ended.
    ///
    /// Anything but the signal means that it had died before.
    func kill() async -> End {
        Foundation.kill(process.processIdentifier, SIGKILL)
        return await ended()
    }

    /// Asks it to end in good order.
    func terminate() { process.terminate() }

    /// Waits until it has ended, without holding a thread.
    func ended() async -> End {
        while process.isRunning { try? await Task.sleep(for: .milliseconds(5)) }
        let status = process.terminationStatus
        return process.terminationReason == .uncaughtSignal ? .signal(status) : .code(status)
    }

    /// All that it said on stdout; blocks until that ends.
    func said() -> Data { output?.fileHandleForReading.readDataToEndOfFile() ?? Data() }
}
