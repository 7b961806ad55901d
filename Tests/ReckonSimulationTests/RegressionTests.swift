import ReckonModel
import ReckonSimulation
import Testing

/// Seeds that found something, or that tell a story which has to stay told.
@Suite("Seeds with a story")
struct RegressionTests {
    struct Story: Sendable, CustomTestStringConvertible {
        let seed: UInt64
        let scenario: String
        let minutes: Int64
        let text: String

        var testDescription: String { "\(scenario) \(seed): \(text)" }
    }

    static let stories: [Story] = []

    @Test("each holds", arguments: stories)
    func holds(story: Story) throws {
        let scenario = try Sample.scenario(story.scenario, minutes: story.minutes)
        let result = try Sample.run(scenario, seed: story.seed, policy: try Sample.policy("steady"))
        #expect(result.verdict == .held, "\(result.complaints)")
    }
}
