import ReckonEngine
import ReckonExchange
import ReckonModel
import Testing

@Suite("The same exchange through three doors", .serialized)
struct StoryTests {
    @Test("each story is told in the same words at every door", arguments: Stories.all)
    func story(_ story: Story) async throws {
        try await Player.play(on: story.premises) { player in
            for step in story.steps { try await player.play(step) }
        }
    }

    @Test("instruments, leverage limits and marks come over the wire as they are")
    func listing() async throws {
        let premises = Premises.lively(3)
        let exchange = Exchange(configuration: premises.configuration, seed: premises.seed)
        let wire = try await WireDoor.open(premises)
        let said: (instruments: [Instrument], marks: [Mark])
        do {
            said = try await wire.listing()
        } catch {
            await wire.close()
            throw error
        }
        await wire.close()
        #expect(said.instruments == exchange.markets.values.map(\.instrument))
        #expect(said.marks.map(\.price) == exchange.markets.values.map(\.mark))
        #expect(said.marks.map(\.symbol) == exchange.markets.keys)
    }
}
