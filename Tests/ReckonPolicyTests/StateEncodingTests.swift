import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

/// The encoding of states against a second writing of it.
@Suite("the bytes of a state")
struct StateEncodingTests {
    private static func isTaken(_ bytes: [UInt8], by runtime: PolicyRuntime) -> Bool {
        do throws(PolicyFault) {
            try runtime.restore(PolicyState(bytes: bytes, version: 0), asking: Sample.question())
            return true
        } catch {
            #expect(error.code == .state)
            return false
        }
    }

    @Test(
        "whatever a policy builds is encoded bit for bit, and comes back so",
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let keeper = try Sample.runtime("return knobs(), state")
        for _ in 0..<6 {
            let tree = StateTree.table(&dice, depth: 6)
            guard tree.nodes <= 1024 else { continue }
            let wanted = tree.encoded
            let builder = try Sample.runtime("return knobs(), state", initial: "return \(tree.source(&dice))")
            for tick in Int64(1)...2 { #expect(builder.evaluate(Sample.question(tick: tick)).fault == nil) }
            #expect(builder.state?.bytes == wanted)
            #expect(Self.isTaken(wanted, by: keeper))
            #expect(keeper.evaluate(Sample.question()).fault == nil)
            #expect(keeper.state?.bytes == wanted)
            #expect(StateTreeReader.tree(wanted)?.encoded == wanted)
        }
    }

    @Test(
        "damaged bytes are taken exactly where a strict reader takes them",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func damage(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let runtime = try Sample.runtime("return knobs(), state")
        var taken = 0
        for _ in 0..<400 {
            var bytes = StateTree.table(&dice, depth: 4).encoded
            for _ in 0..<dice.roll(in: 1...3) {
                let place = Int(dice.roll(below: UInt64(bytes.count)))
                switch dice.roll(below: 4) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(UInt8(truncatingIfNeeded: dice.next()), at: place)
                case 2: bytes[place] ^= 1 << UInt8(dice.roll(below: 8))
                default: bytes.replaceSubrange(place..., with: bytes[place...].reversed())
                }
                if bytes.isEmpty { bytes = [UInt8(ascii: "{")] }
            }
            let isSound = StateTreeReader.tree(bytes) != nil
            #expect(Self.isTaken(bytes, by: runtime) == isSound)
            guard isSound else { continue }
            taken += 1
            #expect(runtime.evaluate(Sample.question()).fault == nil && runtime.state?.bytes == bytes)
        }
        #expect(taken > 5 && taken < 395, "\(taken)")
    }

    @Test("no payload of a NaN is taken, and both infinities and zeros are")
    func floats() throws {
        let runtime = try Sample.runtime("return knobs(), state")
        var dice = Dice(seed: 3)
        for _ in 0..<300 {
            let payload = dice.next() & (1 << 52 - 1) | 1 << dice.roll(below: 52)
            let sign = dice.chance(1, in: 2) ? UInt64(1) << 63 : 0
            let tree = StateTree.table([.float(bits: sign | 0x7FF << 52 | payload)], [])
            #expect(!Self.isTaken(tree.encoded, by: runtime))
        }
        for value in [Double.infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude] {
            #expect(Self.isTaken(StateTree.table([.float(bits: value.bitPattern)], []).encoded, by: runtime))
        }
    }

    @Test("caps are met exactly: depth 8, 1,024 nodes, 64 KiB, text of 16 KiB")
    func caps() throws {
        func nested(_ depth: Int) -> StateTree {
            depth == 1 ? .table([], []) : .table([nested(depth - 1)], [])
        }
        func wide(_ count: Int) -> StateTree { .table((1..<count).map { .integer(Int64($0)) }, []) }
        func long(_ bytes: Int) -> StateTree {
            let piece = StateTree.text([UInt8](repeating: 0, count: 16_000))
            let left = bytes - 9 - 4 * 16_005 - 5
            return .table([piece, piece, piece, piece, .text([UInt8](repeating: 7, count: left))], [])
        }
        let keeper = try Sample.runtime("return knobs(), state")
        for (tree, fits) in [
            (nested(8), true), (nested(9), false), (wide(1024), true), (wide(1025), false),
            (long(65_536), true),
            (long(65_537), false),
        ] {
            #expect(Self.isTaken(tree.encoded, by: keeper) == fits)
            #expect((StateTreeReader.tree(tree.encoded) != nil) == fits)
        }
        var dice = Dice(seed: 1)
        for (tree, fits) in [(nested(8), true), (nested(9), false), (wide(1024), true), (wide(1025), false)] {
            let builder = try Sample.runtime("return knobs(), \(tree.source(&dice))")
            #expect((builder.evaluate(Sample.question()).fault == nil) == fits)
        }
    }
}
