import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

@Suite("Replay")
struct ReplayTests {
    @Test(
        "replaying the journal gives the state that the same facts gave live",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func sameState(seed: UInt64) throws {
        let story = Story(seed: seed)
        let folder = try Folder()
        let journal = try folder.journal(story.facts)
        var live = EngineState(SampleFacts.configuration)
        for fact in story.facts { live.apply(fact) }
        let replayed = try journal.reader.replay(SampleFacts.configuration)
        #expect(replayed == live)
        #expect(replayed.factCount == Int64(story.facts.count))
        let loaded = Engine(SampleFacts.configuration, replaying: try journal.reader.load())
        #expect(loaded.state == live)
    }

    @Test("one fact less gives another state, so that the comparison can fail")
    func canFail() throws {
        let story = Story(seed: 1)
        var live = EngineState(SampleFacts.configuration)
        for fact in story.facts.dropLast() { live.apply(fact) }
        let folder = try Folder()
        #expect(try folder.journal(story.facts).reader.replay(SampleFacts.configuration) != live)
    }
}
