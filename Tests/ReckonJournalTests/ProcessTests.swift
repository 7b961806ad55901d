import Foundation
import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

/// Journals shared with child processes, which die as processes do.
@Suite("Two processes", .serialized)
struct ProcessTests {
    /// The exit code by which a child says that the journal is taken.
    static let taken: Int32 = 42

    @Test("a second process is refused while the first lives")
    func lockedOut() async throws {
        let folder = try Folder()
        let path = folder.file("j.sqlite")
        let first = try Journal.sample(path)
        await #expect(processExitsWith: .exitCode(ProcessTests.taken)) { [path = path as String] in
            do {
                _ = try Journal.sample(path)
            } catch JournalFailure.locked {
                exit(42)
            }
        }
        try first.close()
    }

    @Test(
        "the lock goes with the process, however it dies, and every acknowledged fact is there",
        arguments: [3, 20, 90]
    )
    func killed(milliseconds: Int) async throws {
        let folder = try Folder()
        let path = folder.file("j.sqlite")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, milliseconds = milliseconds as Int] in
            try ProcessTests.writeUntilKilled(path, after: milliseconds)
        }
        let acknowledged = try Int64(String(contentsOfFile: path + ".acknowledged", encoding: .utf8)) ?? 0
        let facts = try Journal.sample(path).reader.load()
        var sample = SampleFacts(seed: 61)
        #expect(facts == sample.batch(facts.count))
        #expect(acknowledged > 0 && Int64(facts.count) >= acknowledged)
    }

    @Test("facts that a full disk refused are stored on a later try, once each")
    func fullDisk() async throws {
        let folder = try Folder()
        let path = folder.file("j.sqlite")
        await #expect(processExitsWith: .success) { [path = path as String] in
            try ProcessTests.fillUpAndRecover(path)
        }
        var sample = SampleFacts(seed: 62)
        #expect(try Journal.sample(path).reader.load() == sample.batch(400))
    }

    /// Commits until a thread of its own kills the process, and notes what was acknowledged.
    private static func writeUntilKilled(_ path: String, after milliseconds: Int) throws {
        let journal = try Journal.sample(path)
        var sample = SampleFacts(seed: 61)
        let note = open(path + ".acknowledged", O_WRONLY | O_CREAT, 0o600)
        for turn in 0... {
            let receipt = try journal.commit(sample.batch(1 + turn % 5))
            let text = Array("\(receipt.through)".utf8)
            pwrite(note, text, text.count, 0)
            guard turn == 1 else { continue }
            Thread.detachNewThread {
                usleep(UInt32(milliseconds) * 1_000)
                kill(getpid(), SIGKILL)
            }
        }
    }

    /// Runs into a limit on the size of files, lifts it, and hands the same facts in again.
    private static func fillUpAndRecover(_ path: String) throws {
        let journal = try Journal.sample(path)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        let free = limit.rlim_cur
        limit.rlim_cur = 300_000
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        var sample = SampleFacts(seed: 62)
        var waiting: [StampedFact] = []
        var refusals = 0
        for turn in 0..<100 {
            waiting += sample.batch(4)
            do {
                try journal.commit(waiting)
                waiting = []
            } catch {
                refusals += 1
            }
            guard turn == 90 else { continue }
            limit.rlim_cur = free
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        }
        guard refusals > 5, waiting.isEmpty, journal.commits.failures == refusals else { exit(1) }
    }
}
