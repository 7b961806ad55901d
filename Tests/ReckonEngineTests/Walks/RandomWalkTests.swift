import ReckonEngine
import ReckonModel
import Testing

@Suite("Random walks against a venue that keeps books")
struct RandomWalkTests {
    /// A hostile world, then 85 s of a kind one, the last 40 s without a move.
    static func walk(_ seed: UInt64, hostileFor span: Span = .seconds(60)) -> WalkWorld {
        var world = WalkWorld(seed: seed, hostility: .drawn(from: seed))
        world.run(for: span)
        world.heal()
        world.run(for: .seconds(45))
        world.freeze()
        world.run(for: .seconds(40))
        world.checkRest()
        return world
    }

    @Test(
        "whatever is lost, late, repeated or crashed: belief comes to rest on the venue's truth",
        arguments: [UInt64(1)...100, 101...200]
    )
    func hostileWorld(_ seeds: ClosedRange<UInt64>) {
        for seed in seeds {
            let world = RandomWalkTests.walk(seed, hostileFor: .seconds(40))
            #expect(world.complaint == nil)
        }
    }

    @Test(
        "kept seeds: a position report overtaken by an older one stayed unexplained, and no doubt on its symbol ever ended",
        arguments: [UInt64(188)]
    )
    func overtakenReport(_ seed: UInt64) {
        let world = RandomWalkTests.walk(seed, hostileFor: .seconds(40))
        #expect(world.complaint == nil)
    }

    @Test("the walk can say no: a venue that hides a position from the end is caught")
    func canFail() {
        var world = WalkWorld(seed: 7, hostility: .none)
        world.run(for: .seconds(20))
        world.heal()
        world.meddleUnseen()
        world.checkRest()
        #expect(world.complaint != nil)
    }

    @Test("the same seed gives the same facts")
    func deterministic() {
        let first = RandomWalkTests.walk(42)
        let second = RandomWalkTests.walk(42)
        #expect(first.facts == second.facts)
        #expect(first.facts.count > 50)
    }
}
