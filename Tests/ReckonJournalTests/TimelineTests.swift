import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

@Suite("An intent's timeline")
struct TimelineTests {
    @Test("it holds the intent's own facts and its orders' facts, in order and nothing else")
    func story() throws {
        let folder = try Folder()
        let story = Story(seed: 31)
        let journal = try folder.journal(story.facts)
        for (intent, numbers) in story.byIntent {
            let timeline = try #require(try journal.reader.timeline(of: intent))
            #expect(timeline.rows.map(\.number) == numbers)
            #expect(timeline.correlation == CorrelationID("c-\(intent)"))
            #expect(try journal.reader.timeline(of: timeline.correlation) == timeline)
            #expect(timeline.description.split(separator: "\n").count == numbers.count)
        }
        #expect(story.byIntent.count > 5)
        #expect(story.byIntent.contains { $0.value.count > 5 })
    }

    @Test("facts after a restart still find their intent")
    func restart() throws {
        let folder = try Folder()
        let story = Story(seed: 32)
        let half = story.facts.count / 2
        try folder.journal(Array(story.facts.prefix(half))).close()
        let journal = try Journal.sample(folder.file("j.sqlite"))
        try journal.commit(Array(story.facts[half...]))
        for (intent, numbers) in story.byIntent {
            #expect(try journal.reader.timeline(of: intent)?.rows.map(\.number) == numbers)
        }
        #expect(try journal.reader.load() == story.facts)
    }

    @Test("every fact of an order carries the order's symbol and id")
    func orderColumns() throws {
        let folder = try Folder()
        let journal = try folder.journal(Story(seed: 33).facts)
        let orders = try journal.reader.rows(after: 0, limit: 10_000).filter { $0.kind.hasPrefix("order_") }
        #expect(orders.count > 50)
        #expect(orders.allSatisfy { $0.symbol != nil && $0.order != nil })
    }

    @Test("an unknown intent has no timeline")
    func unknown() throws {
        let folder = try Folder()
        let journal = try Journal.sample(folder.file("j.sqlite"))
        #expect(try journal.reader.timeline(of: IntentID(7)) == nil)
        #expect(try journal.reader.timeline(of: CorrelationID("x")) == nil)
    }
}
