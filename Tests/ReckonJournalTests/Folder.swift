import Foundation
import ReckonEngine
import ReckonJournal
import ReckonModel

/// A folder of one test's own, gone with the value.
final class Folder: Sendable {
    let path: String

    init() throws {
        // In memory where there is such a place: the tests are about what is written, not about how long a sync takes.
        let memory = "/dev/shm/"
        let parent = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        path = parent + "reckon-journal-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// A journal with facts in it, committed in batches of random size.
    func journal(_ facts: [StampedFact], name: String = "j.sqlite") throws -> Journal {
        let journal = try Journal.sample(file(name))
        var dice = Dice(seed: 7)
        var rest = facts[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Int(dice.roll(in: 1...9)))
            try journal.commit(Array(batch))
            rest = rest.dropFirst(batch.count)
        }
        return journal
    }
}

extension Journal {
    static func sample(_ path: String, engine: String = "e1") throws -> Journal {
        try Journal(path: path, engine: engine, at: Instant(nanoseconds: 1_700_000_000_000_000_000))
    }
}
