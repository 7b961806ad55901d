import ReckonEngine
import ReckonModel
import Testing

@Suite("Random walks against a venue that keeps books")
struct RandomWalkTests {
    /// Each walk: 60 s of a hostile world, then 100 s of a kind one, the last 40 s without a move.
    static func walk(_ seed: UInt64, _ hostility: WalkWorld.Hostility? = nil) -> WalkWorld {
        var world = WalkWorld(seed: seed, hostility: hostility ?? .drawn(from: seed))
        world.run(for: .seconds(60))
        world.heal()
        world.run(for: .seconds(60))
        world.freeze()
        world.run(for: .seconds(40))
        world.checkRest()
        return world
    }

    @Test("whatever is lost, late, repeated or crashed: belief comes to rest on the venue's truth")
    func hostileWorld() {
        for seed in UInt64(1)...300 {
            let world = RandomWalkTests.walk(seed)
            #expect(world.complaint == nil)
        }
    }
}
