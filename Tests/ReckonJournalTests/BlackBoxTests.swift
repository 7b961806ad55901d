import ReckonJournal
import ReckonModel
import Testing

@Suite("The black box")
struct BlackBoxTests {
    @Test("it keeps the latest inputs, oldest first, and no more than it may", arguments: [1, 2, 7, 50])
    func ring(capacity: Int) {
        var box = BlackBox(capacity: capacity)
        for number in 1...40 { box.note("input \(number)", at: Instant(nanoseconds: Int64(number))) }
        let kept = min(capacity, 40)
        #expect(box.entries.map(\.sequence) == Array(Int64(41 - kept)...40))
        #expect(box.entries.map(\.text) == (41 - kept...40).map { "input \($0)" })
    }

    @Test("a long input is cut, within a character too, and stays text")
    func cut() {
        var box = BlackBox(capacity: 3, maxBytes: 10)
        box.note("ééééééé", at: .epoch)
        #expect(box.entries.first.map { $0.text == "ééééé" } == true)
        box.note("aéééééé", at: .epoch)
        #expect(box.entries.last.map { $0.text.hasPrefix("aéééé") } == true)
    }

    @Test(
        "inputs ride along with commits, the disk keeps as many as the ring, and counting goes on after a restart"
    )
    func onDisk() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 8)
        var box = BlackBox(capacity: 10)
        do {
            let journal = try Journal.sample(folder.file("j.sqlite"))
            for number in 1...35 {
                box.note("input \(number)", at: Instant(nanoseconds: Int64(number)))
                if number % 4 == 0 { try journal.commit([sample.next()], inputs: box.takeUnsaved()) }
            }
            try journal.commit([], inputs: box.takeUnsaved())
            #expect(try journal.reader.blackBox() == box.entries)
            try journal.commit([], inputs: box.takeUnsaved())
            #expect(try journal.reader.blackBox() == box.entries)
        }
        let journal = try Journal.sample(folder.file("j.sqlite"))
        var next = BlackBox(capacity: 10, countingFrom: try journal.reader.blackBox().last?.sequence ?? 0)
        next.note("after", at: .epoch)
        try journal.commit([], inputs: next.takeUnsaved())
        #expect(try journal.reader.blackBox().map(\.sequence) == Array(27...36))
    }
}
