import Foundation
import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

/// A journal's files, cut off at any byte.
///
/// A few hundred places by default; every single one with `RECKON_SOAK=1`.
@Suite("Torn files")
struct TornTests {
    /// A journal with what had been acknowledged when its WAL had reached each length.
    private struct Written {
        let folder: Folder
        let path: String
        let facts: [StampedFact]
        /// Length of the WAL, and the facts acknowledged by then, one row a commit.
        let marks: [(length: Int, facts: Int)]
        let files: [String: Data]

        init(seed: UInt64, commits: Int, sizes: ClosedRange<Int64>, isClosed: Bool = false) throws {
            folder = try Folder()
            let path = folder.file("j.sqlite")
            self.path = path
            var sample = SampleFacts(seed: seed)
            let journal = try Journal.sample(path)
            var facts: [StampedFact] = []
            var marks = [(length: Written.bytes(path + "-wal").count, facts: 0)]
            for _ in 0..<commits {
                let batch = sample.batch(Int(sample.dice.roll(in: sizes)))
                try journal.commit(batch)
                facts += batch
                marks.append((Written.bytes(path + "-wal").count, facts.count))
            }
            if isClosed { try journal.close() }
            self.facts = facts
            self.marks = marks
            files = Dictionary(uniqueKeysWithValues: ["", "-wal"].map { ($0, Written.bytes(path + $0)) })
        }

        private static func bytes(_ path: String) -> Data {
            FileManager.default.contents(atPath: path) ?? Data()
        }

        /// The files as a crash left them, one of them cut off; no lock file, so no witness.
        func image(_ suffix: String, cut length: Int) throws -> String {
            let image = folder.file("image.sqlite")
            for other in ["-shm", ".lock"] { try? FileManager.default.removeItem(atPath: image + other) }
            for (name, bytes) in files {
                let rest = name == suffix ? bytes.prefix(length) : bytes
                try rest.write(to: URL(fileURLWithPath: image + name))
            }
            return image
        }

        func opened(_ image: String) throws -> [StampedFact] {
            let journal = try Journal.sample(image)
            defer { try? journal.close() }
            return try journal.reader.load()
        }

        func places(in suffix: String, about count: Int) -> [Int] {
            let size = files[suffix]?.count ?? 0
            let step = TornTests.isSoak ? 1 : max(size / count, 1) | 1
            let nearby = marks.flatMap { [$0.length - 1, $0.length, $0.length + 1] }
            return Array(Set(stride(from: 0, through: size, by: step)).union(nearby)).filter {
                (0...size).contains($0)
            }
            .sorted()
        }
    }

    private static let isSoak = ProcessInfo.processInfo.environment["RECKON_SOAK"] == "1"

    @Test(
        "a WAL cut at any byte keeps every turn acknowledged by then, whole, and nothing else",
        arguments: TornTests.isSoak ? [UInt64(1)] : [1, 2]
    )
    func wal(seed: UInt64) throws {
        let written = try Written(seed: seed, commits: TornTests.isSoak ? 2 : 7, sizes: 1...4)
        let turns = Set(written.marks.map(\.facts))
        var seen: Set<Int> = []
        for place in written.places(in: "-wal", about: 150) {
            let acknowledged = written.marks.last { $0.length <= place }?.facts ?? 0
            do {
                let facts = try written.opened(try written.image("-wal", cut: place))
                #expect(facts == Array(written.facts.prefix(facts.count)), "cut at \(place)")
                #expect(facts.count >= acknowledged && turns.contains(facts.count), "cut at \(place)")
                seen.insert(facts.count)
            } catch let failure as JournalFailure {
                // Before the tables are acknowledged there may be no journal yet; later there is.
                #expect(acknowledged == 0, "cut at \(place): \(failure)")
            }
        }
        #expect(seen == turns)
    }

    @Test("a closed journal's file cut at any byte is refused in words, never opened as a shorter one")
    func closedFile() throws {
        let written = try Written(seed: 3, commits: 12, sizes: 3...9, isClosed: true)
        #expect(written.files["-wal"]?.isEmpty == true)
        let size = try #require(written.files[""]?.count)
        for place in written.places(in: "", about: 200) where place > 0 {
            let image = try written.image("", cut: place)
            do {
                let facts = try written.opened(image)
                #expect(place == size && facts == written.facts, "cut at \(place) of \(size)")
            } catch let failure as JournalFailure {
                #expect(place < size && "\(failure)".contains(image), "cut at \(place): \(failure)")
            }
        }
    }

    @Test("a file cut at any byte beside a whole WAL is whole again or refused, and loses no fact")
    func fileBesideWAL() throws {
        let written = try Written(seed: 4, commits: 10, sizes: 1...5)
        var opened = 0
        for place in written.places(in: "", about: 60) {
            do {
                #expect(try written.opened(try written.image("", cut: place)) == written.facts, "\(place)")
                opened += 1
            } catch is JournalFailure {
                continue
            }
        }
        #expect(opened > 0)
    }

    @Test(
        "a journal that has lost facts since its engine noted them is refused, and taken once the note is gone"
    )
    func witness() throws {
        let written = try Written(seed: 5, commits: 6, sizes: 2...4)
        let noted = try #require(FileManager.default.contents(atPath: written.path + ".lock"))
        for (length, count) in written.marks {
            let image = try written.image("-wal", cut: length)
            try noted.write(to: URL(fileURLWithPath: image + ".lock"))
            let last = Int64(written.facts.count)
            guard count < written.facts.count else {
                #expect(try written.opened(image) == written.facts)
                continue
            }
            let failure = #expect(throws: JournalFailure.self) { try Journal.sample(image) }
            #expect(failure == .shorter(path: image, found: Int64(count), allowed: last))
            #expect(failure?.description.contains("\n") == false)
            try FileManager.default.removeItem(atPath: image + ".lock")
            #expect(try written.opened(image) == Array(written.facts.prefix(count)))
        }
    }

    @Test("a WAL that was thrown away is found out", arguments: [true, false])
    func walRemoved(hasNote: Bool) throws {
        let written = try Written(seed: 6, commits: 4, sizes: 2...3)
        let image = try written.image("-wal", cut: 0)
        try FileManager.default.removeItem(atPath: image + "-wal")
        if hasNote {
            try FileManager.default.copyItem(atPath: written.path + ".lock", toPath: image + ".lock")
        }
        if hasNote {
            #expect((#expect(throws: JournalFailure.self) { try Journal.sample(image) })?.code == "shorter")
        } else {
            // Nothing is left that could tell; the facts that SQLite had moved into the file are all there.
            let facts = try written.opened(image)
            #expect(facts == Array(written.facts.prefix(facts.count)))
        }
    }
}
