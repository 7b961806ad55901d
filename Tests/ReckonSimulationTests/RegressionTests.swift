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
        /// Whether it is told in the whole of today's world.
        var isWhole = false

        var testDescription: String { "\(scenario) \(seed): \(text)" }
    }

    static let stories: [Story] = [
        Story(
            seed: 7_521_726_188_587,
            scenario: "everything",
            minutes: 20,
            text: "a stop in doubt is asked for at one place, as the budget has no room for both; no breach",
            isWhole: true
        ),
        Story(
            seed: 762,
            scenario: "everything",
            minutes: 20,
            text:
                "a send refused over a wrong clock gave a later one its time, and the order found was held for another"
        ),
        Story(
            seed: 8_736,
            scenario: "everything",
            minutes: 20,
            text: "likewise for a stop: cancelled behind our back, found, and held for never arrived"
        ),
        Story(
            seed: 3_758,
            scenario: "everything",
            minutes: 20,
            text: "likewise for an entry, which then executed twice"
        ),
        Story(
            seed: 951,
            scenario: "everything",
            minutes: 20,
            text:
                "two trades by hand undo each other between a list and its use; no breach, though it looks like one"
        ),
        Story(
            seed: 2_413,
            scenario: "everything",
            minutes: 20,
            text: "each list between two stretches of partial ones failed, so three misses in a row count"
        ),
        Story(
            seed: 8_275,
            scenario: "everything",
            minutes: 20,
            text: "a partial exit waits for an earlier one in doubt, by rule and not by a limit"
        ),
        Story(
            seed: 5_392,
            scenario: "everything",
            minutes: 20,
            text:
                "a stop moved to where the market was already: the old one covered, so nobody saw the crossing"
        ),
        Story(
            seed: 5_379,
            scenario: "everything",
            minutes: 20,
            text: "likewise on the long leg of a hedge"
        ),
        Story(
            seed: 209_844_367_753_187,
            scenario: "everything",
            minutes: 20,
            text:
                "four starts in one minute ask for everything each time; no breach, though a budget is passed"
        ),
        Story(
            seed: 209_844_367_753_106,
            scenario: "everything",
            minutes: 20,
            text: "a list asked for before the entry counted as the first of three misses of its position"
        ),
        Story(
            seed: 209_844_367_753_488,
            scenario: "stale-snapshots",
            minutes: 20,
            text: "likewise, in a quieter world"
        ),
        Story(
            seed: 137,
            scenario: "everything",
            minutes: 20,
            text: "three misses had been seen, and then an order on the symbol was in doubt again"
        ),
        Story(
            seed: 3_000,
            scenario: "everything",
            minutes: 20,
            text: "a ban falls before the round that overrides a fence; no breach, though it looks like one"
        ),
        Story(
            seed: 6_443,
            scenario: "everything",
            minutes: 20,
            text:
                "what the list showed had been true before the belief began, and ended amid the round; no breach"
        ),
        Story(
            seed: 9_043,
            scenario: "everything",
            minutes: 20,
            text: "one fenced sighting, a crash and two misses within a second made three over ten seconds"
        ),
        Story(
            seed: 5_039,
            scenario: "everything",
            minutes: 20,
            text: "a ban outlives the process: a stop that waits for its end goes out late; no breach",
            isWhole: true
        ),
        Story(
            seed: 126_197_226_250_389,
            scenario: "everything",
            minutes: 20,
            text: "a crossed stop amid an outage: the close waited ever longer between its series, and bare",
            isWhole: true
        ),
        Story(
            seed: 300,
            scenario: "hedged",
            minutes: 20,
            text: "a winding arrived behind the wish to stop it, and was answered before that: it ran on",
            isWhole: true
        ),
        Story(
            seed: 284,
            scenario: "hedged",
            minutes: 20,
            text: "a bridge from before the position opened stayed for ever beside the stop",
            isWhole: true
        ),
    ]

    @Test("each holds", arguments: stories)
    func holds(story: Story) throws {
        var scenario = try Sample.scenario(story.scenario, minutes: story.minutes)
        // What came into the world later would tell these seeds another story.
        if !story.isWhole {
            scenario.workload.moves = .never
            for fault in [AmbientFault.orderGatewayDown, .policyNonsense] {
                scenario.faults[fault] = FaultPace()
            }
        }
        let result = try Sample.run(scenario, seed: story.seed, policy: try Sample.policy("brisk"))
        #expect(result.verdict == .held, "\(result.complaints)")
    }
}
