import ReckonEngine
import ReckonModel
import ReckonSimulation
import Testing

@Suite("Flaps")
struct FlapCountTests {
    /// Takes moves at these seconds, each from the mode before; GREEN before the first.
    private func flaps(_ moves: [(at: Double, to: GuardMode)]) -> [Int] {
        var count = FlapCount()
        var mode = GuardMode.green
        for move in moves {
            count.take(from: mode, to: move.to, at: .epoch + Span(seconds: move.at))
            mode = move.to
        }
        return [count.changes, count.flaps]
    }

    @Test("a move down within 90 s of the last one up is a flap, once for each move up; one later is none")
    func window() {
        #expect(flaps([(0, .orange), (90, .yellow)]) == [2, 1])
        #expect(flaps([(0, .orange), (90.001, .yellow)]) == [2, 0])
        #expect(flaps([(0, .red), (10, .orange), (20, .yellow), (30, .green)]) == [4, 1])
        #expect(flaps([(0, .yellow), (80, .red), (160, .orange)]) == [3, 1], "the last move up counts")
        #expect(flaps([(0, .orange), (100, .green), (101, .yellow), (102, .green)]) == [4, 1])
        #expect(flaps([]) == [0, 0])
    }
}
