import Foundation
import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

/// What a crash leaves behind.
///
/// Child processes are real ones; disk images are copies taken at any moment.
@Suite("After a crash")
struct CrashTests {
    @Test("a copy taken between any two commits holds a prefix with every fact that was acknowledged")
    func copies() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 51)
        let facts = sample.batch(60)
        let journal = try Journal.sample(folder.file("j.sqlite"))
        for fact in facts {
            try journal.commit([fact])
            guard fact.number % 7 == 0 else { continue }
            let image = try copy(journal.path, to: folder.file("image-\(fact.number)"))
            let again = try Journal.sample(image)
            #expect(try again.reader.load() == Array(facts.prefix(Int(fact.number))))
        }
    }

    @Test("a WAL cut at any byte leaves a prefix or a plain refusal, never a crash")
    func tornTail() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 52)
        let facts = sample.batch(40)
        let journal = try folder.journal(facts)
        let size = try #require(bytes(journal.path + "-wal")?.count)
        var lengths: [Int] = []
        for cut in stride(from: 0, through: size, by: max(size / 120, 1) | 1) {
            let image = try copy(journal.path, to: folder.file("torn-\(cut)"))
            try FileHandle(forWritingTo: URL(fileURLWithPath: image + "-wal")).truncate(atOffset: UInt64(cut))
            do {
                let loaded = try Journal.sample(image).reader.load()
                #expect(loaded == Array(facts.prefix(loaded.count)))
                lengths.append(loaded.count)
            } catch let failure as JournalFailure {
                #expect(failure.description.contains(image))
            }
        }
        #expect(lengths == lengths.sorted())
        #expect(lengths.first == 0 && Set(lengths).count > 5)
    }

    @Test("bytes of the WAL turned over leave a prefix or a plain refusal, never a crash")
    func flippedBytes() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 53)
        let facts = sample.batch(40)
        let journal = try folder.journal(facts)
        let size = try #require(bytes(journal.path + "-wal")?.count)
        var prefixes = 0
        for _ in 0..<80 {
            let place = Int(sample.dice.roll(below: UInt64(size)))
            let image = try copy(journal.path, to: folder.file("flip-\(place)"))
            var wal = try #require(bytes(image + "-wal"))
            wal[place] ^= UInt8(1 << sample.dice.roll(below: 8))
            try wal.write(to: URL(fileURLWithPath: image + "-wal"))
            do {
                let loaded = try Journal.sample(image).reader.load()
                #expect(loaded == Array(facts.prefix(loaded.count)))
                if loaded.count < facts.count { prefixes += 1 }
            } catch let failure as JournalFailure {
                #expect(failure.description.contains(image))
            }
        }
        #expect(prefixes > 10)
    }

    @Test("bytes of the file itself turned over are found, row or file, and never read as another fact")
    func flippedFile() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 54)
        let facts = sample.batch(60)
        try folder.journal(facts).close()
        let whole = try #require(bytes(folder.file("j.sqlite")))
        var found = 0
        for _ in 0..<150 {
            var broken = whole
            broken[Int(sample.dice.roll(below: UInt64(whole.count)))] ^= UInt8(
                1 << sample.dice.roll(below: 8)
            )
            let path = folder.file("broken.sqlite")
            try broken.write(to: URL(fileURLWithPath: path))
            do {
                #expect(try JournalReader(path: path).load() == facts)
            } catch {
                found += 1
            }
        }
        #expect(found > 30)
    }

    private func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

    /// What a crash at this moment would leave: the file and its WAL, without the shared index.
    private func copy(_ path: String, to image: String) throws -> String {
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: image + suffix)
        }
        return image
    }
}
