import Foundation
import ReckonCommands
import Testing

@Suite("A failing world is made smaller")
struct ShrinkTests {
    private let whole = Shrinking.Size(seconds: 1_200, symbols: 8, faults: (1...20).map { "f\($0)" })

    @Test("down to what the failure needs: its faults, its symbols, its time")
    func needs() {
        let small = Shrinking { size in
            size.seconds >= 100 && size.symbols >= 3 && size.faults.contains("f4")
                && size.faults.contains("f17")
        }
        .smallest(from: whole)
        #expect(small.faults == ["f4", "f17"])
        #expect(small.symbols == 3)
        #expect((100...112).contains(small.seconds))
    }

    @Test("what fails always ends as small as it gets")
    func always() {
        let small = Shrinking { _ in true }.smallest(from: whole)
        #expect(small.faults.isEmpty)
        #expect(small.symbols == 1)
        #expect(small.seconds < 12)
    }

    @Test("what fails only whole stays whole")
    func onlyWhole() {
        let itself = Shrinking { $0 == whole }.smallest(from: whole)
        #expect(itself == whole)
        let none = Shrinking { _ in false }.smallest(from: whole)
        #expect(none == whole)
    }

    @Test(
        "the result always fails, whatever the predicate, and the search ends",
        arguments: 1...60 as ClosedRange<UInt64>
    )
    func fails(seed: UInt64) {
        // A failure that hangs on the size in no orderly way.
        var asked = 0
        let predicate = { (size: Shrinking.Size) in
            asked += 1
            if size == whole { return true }
            var hash = seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(size.seconds) &* 31 ^ UInt64(size.symbols)
            for fault in size.faults {
                for byte in fault.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            }
            return (hash >> 32) % 3 == 0
        }
        let small = Shrinking(most: 100, fails: predicate).smallest(from: whole)
        #expect(asked <= 100)
        #expect(predicate(small))
        #expect(small.seconds <= whole.seconds && small.symbols <= whole.symbols)
        #expect(Set(small.faults).isSubset(of: whole.faults))
    }

    @Test("the command ends with the smaller world's own, which fails in the same way")
    func command() throws {
        let folder = try ScratchFolder()
        let ending = try CommandRun.ended("--scenario", try folder.restless(), "--seed", "2", "--shrink")
        #expect(ending.code == 2)
        let command = try #require(ending.repeating)
        for part in ["--symbols 1", "--without dropped", "--without disconnect", "--hours 0.00", "--seed 2"] {
            #expect(command.contains(part), "\(command)")
        }
        #expect(try CommandRun(typing: command).ended().code == 2)
    }
}
