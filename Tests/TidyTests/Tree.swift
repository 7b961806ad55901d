import Foundation

/// Files by their path from the project's top; a small made-up one serves as a sample.
struct Tree: Sendable {
    let files: [String: SourceText]

    /// Made from path and text pairs.
    init(_ texts: [String: String]) {
        files = Dictionary(
            uniqueKeysWithValues: texts.map { ($0.key, SourceText(path: $0.key, text: $0.value)) }
        )
    }

    var paths: [String] { files.keys.sorted() }

    subscript(path: String) -> SourceText? { files[path] }

    /// Whether a file or a folder of that path is there.
    func holds(_ path: String) -> Bool {
        files[path] != nil || files.keys.contains { $0.hasPrefix(path + "/") }
    }

    /// Files whose path begins with one of `roots` and ends with one of `suffixes`, in order.
    func files(under roots: [String], ending suffixes: [String]) -> [SourceText] {
        files.values
            .filter { file in
                roots.contains { file.path.hasPrefix($0) } && suffixes.contains { file.path.hasSuffix($0) }
            }
            .sorted { $0.path < $1.path }
    }

    /// Names right under a folder.
    func names(in folder: String) -> [String] {
        let below = files.keys.filter { $0.hasPrefix(folder + "/") }
        return Set(
            below.compactMap { $0.dropFirst(folder.count + 1).split(separator: "/").first.map(String.init) }
        )
        .sorted()
    }
}

// MARK: - The project itself

extension Tree {
    static let ignored: Set<String> = [".build", ".git", "Package.resolved"]

    /// The tree that this test was built from, read once.
    static let project = Tree(readingFrom: top)

    private static let top = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private init(readingFrom top: String) {
        var texts: [String: String] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: top)) ?? []
        where !Tree.ignored.contains(name) && !name.hasPrefix(".build") {
            Tree.read(top, name, into: &texts)
        }
        self.init(texts)
    }

    private static func read(_ top: String, _ path: String, into texts: inout [String: String]) {
        let full = top + "/" + path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else {
            let data = FileManager.default.contents(atPath: full) ?? Data()
            // What is not text, or is a data set, is there and otherwise of no interest.
            texts[path] = data.count < 400_000 ? String(data: data, encoding: .utf8) ?? "" : ""
            return
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: full)) ?? [] where name != ".build"
        {
            read(top, path + "/" + name, into: &texts)
        }
    }
}
