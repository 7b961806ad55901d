import Foundation
import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

@Suite("A journal that is no more in its place")
struct PresenceTests {
    @Test(
        "a commit to files that were moved fails, and is made good once they are back",
        arguments: ["", "-wal"]
    )
    func moved(suffix: String) throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 81)
        let journal = try folder.journal(sample.batch(5))
        let file = journal.path + suffix
        try FileManager.default.moveItem(atPath: file, toPath: file + ".elsewhere")
        let facts = sample.batch(3)
        let failure = #expect(throws: JournalFailure.self) { try journal.commit(facts) }
        #expect(failure == .vanished(path: journal.path, file: file))
        #expect(failure?.description.contains("\n") == false)
        // Another file under the name is not the journal.
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        #expect((#expect(throws: JournalFailure.self) { try journal.commit(facts) })?.code == "vanished")
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.moveItem(atPath: file + ".elsewhere", toPath: file)
        #expect(try journal.commit(facts).through == 8)
        #expect(try journal.reader.verify() == 8)
    }

    @Test("so does one to a folder that was removed")
    func removed() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 82)
        let journal = try folder.journal(sample.batch(5))
        try FileManager.default.removeItem(atPath: folder.path)
        #expect(
            (#expect(throws: JournalFailure.self) { try journal.commit(sample.batch(1)) })?.code == "vanished"
        )
    }

    @Test(
        "a file or folder that may not be written refuses the start in one line",
        arguments: [0o444, 0o644]
    )
    func readOnly(fileMode: Int) async throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 83)
        try folder.journal(sample.batch(5)).close()
        let path = folder.file("j.sqlite")
        let mode = fileMode == 0o444 ? 0o777 : 0o555
        try FileManager.default.setAttributes([.posixPermissions: fileMode], ofItemAtPath: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path + ".lock")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path)
        await #expect(processExitsWith: .exitCode(43)) { [path = path as String] in
            // Modes do not bind root, so the child is nobody.
            if getuid() == 0 { _ = setuid(65_534) }
            if PresenceTests.isRefusedInOneLine(path) { exit(43) }
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    }

    private static func isRefusedInOneLine(_ path: String) -> Bool {
        do {
            _ = try Journal.sample(path)
            return false
        } catch let failure as JournalFailure {
            let text = failure.description
            return text.contains(path) && !text.contains("\n")
                && ["cannot_open", "read_only"].contains(failure.code)
        } catch {
            return false
        }
    }
}
