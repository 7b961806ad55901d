import Foundation
import ReckonEngine
import ReckonModel
import Testing

@Suite struct Probe {
    @Test func probe() {
        let env = ProcessInfo.processInfo.environment
        if let n = UInt64(env["HUNT"] ?? "") {
            let from = UInt64(env["FROM"] ?? "") ?? 1
            var bad = 0
            for seed in from..<(from + n) {
                let world = RandomWalkTests.walk(seed)
                if let c = world.complaint { print("HUNT", c.prefix(300)); bad += 1 }
                if bad > 20 { break }
            }
            print("HUNT done", bad)
        }
        guard let seed = UInt64(env["SEED"] ?? "") else { return }
        var world = WalkWorld(seed: seed, hostility: .drawn(from: seed))
        let lines = Lines()
        world.trace = { lines.rows.append($0) }
        world.run(for: .seconds(60))
        world.heal()
        world.run(for: .seconds(60))
        world.freeze()
        world.run(for: .seconds(40))
        world.checkRest()
        try? lines.rows.joined(separator: "\n").write(toFile: "/tmp/walk.txt", atomically: true, encoding: .utf8)
        print("PROBE", world.complaint ?? "ok")
    }
}
final class Lines { var rows: [String] = [] }
