import ReckonEngine
import ReckonHost
import ReckonModel
import ReckonTestRig
import Synchronization
import Testing

@Suite("The journal's writer keeps order and never holds its caller")
struct JournalWriterTests {
    private func facts(_ numbers: ClosedRange<Int64>) -> [StampedFact] {
        numbers.map { StampedFact(number: $0, at: Instant(nanoseconds: $0), fact: .journalRecovered) }
    }

    @Test(
        "facts reach the disk in order and once, through failures and group commits",
        arguments: 1...12 as ClosedRange<UInt64>
    )
    func order(_ seed: UInt64) async throws {
        let stored = Mutex<[Int64]>([])
        let dice = Mutex(Dice(seed: seed))
        let port = JournalPort(commit: { facts in
            if dice.withLock({ $0.chance(1, in: 4) }) { throw Switchboard.trouble }
            stored.withLock { $0 += facts.map(\.number) }
        })
        let writer = JournalWriter(port, durableThrough: 0) {}
        var next: Int64 = 1
        while next <= 60 {
            let size = Int64(dice.withLock { $0.roll(below: 5) }) + 1
            let batch = facts(next...(next + size - 1))
            if dice.withLock({ $0.chance(1, in: 2) }) {
                writer.enqueue(batch)
            } else {
                _ = await writer.commit(batch, within: .milliseconds(2))
            }
            next += size
        }
        #expect(await writer.close(within: .seconds(30)) == 0)
        #expect(stored.withLock { $0 } == Array(1..<next))
        #expect(writer.durableThrough == next - 1)
    }

    @Test("a disk that hangs costs the caller its patience and no more; the facts are written later")
    func hanging() async throws {
        let board = Switchboard()
        let told = Mutex(0)
        let writer = JournalWriter(board.watching(JournalPort(commit: { _ in })), durableThrough: 0) {
            told.withLock { $0 += 1 }
        }
        #expect(await writer.commit(facts(1...2), within: .seconds(5)) == .durable)
        #expect(told.withLock { $0 } == 0)
        board.disk = .slow(1_500)
        #expect(await writer.commit(facts(3...4), within: .milliseconds(30)) == .slow(.milliseconds(30)))
        #expect(writer.durableThrough == 2)
        writer.enqueue(facts(5...6))
        #expect(writer.backlog == 4)
        #expect(await writer.close(within: .seconds(10)) == 0)
        #expect(board.committed.map(\.number) == Array(1...6))
        #expect(told.withLock { $0 } >= 1)
    }

    @Test("a failure is told to who waits, and the facts stay in memory")
    func failing() async throws {
        let board = Switchboard()
        board.disk = .failing
        let writer = JournalWriter(board.watching(JournalPort(commit: { _ in })), durableThrough: 0) {}
        guard case .failed = await writer.commit(facts(1...3), within: .seconds(5)) else {
            Issue.record("the failure was not told")
            return
        }
        #expect(writer.backlog == 3)
        #expect(await writer.close(within: .milliseconds(50)) == 3)
    }
}
