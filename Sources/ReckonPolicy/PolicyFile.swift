import Foundation

/// One file of a policy, as it was read.
package struct PolicyFile: Sendable, Hashable {
    /// As errors and the digest name it, such as `policy.lua` or `lib/ramp.lua`; never a path of this
    /// machine.
    package let name: String
    /// What `require` knows it by; empty for the main chunk.
    package let module: String
    package let bytes: [UInt8]

    package init(name: String, module: String, bytes: [UInt8]) {
        self.name = name
        self.module = module
        self.bytes = bytes
    }

    /// Reads a regular file of bounded size; `nil` where there is none of that name.
    package static func contents(
        of path: String,
        name: String,
        limit: Int
    ) throws(PolicyProblem) -> [UInt8]? {
        // O_NONBLOCK so that a pipe put in the file's place cannot hold the engine; O_NOFOLLOW since a link
        // may point anywhere, also at what changes between the digest and the load.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == ENOENT || reason == ENOTDIR { return nil }
            let text =
                reason == ELOOP ? "is a symbolic link; only regular files are loaded" : "cannot be opened"
            throw PolicyProblem(
                code: "file_unreadable",
                file: name,
                message: "the file \(text) (errno \(reason))"
            )
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw PolicyProblem(
                code: "file_not_regular",
                file: name,
                message: "only regular files are loaded"
            )
        }
        return try bytes(from: descriptor, name: name, limit: limit)
    }

    private static func bytes(from descriptor: Int32, name: String, limit: Int) throws(PolicyProblem)
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw PolicyProblem(
                    code: "file_unreadable",
                    file: name,
                    message: "the file cannot be read (errno \(errno))"
                )
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw PolicyProblem(
                    code: "file_too_large",
                    file: name,
                    message: "the file is over \(limit) bytes; at most \(limit)"
                )
            }
        }
    }
}
