import ReckonModel
import ReckonSimulation
import Testing

@Suite("The heap of events")
struct EventHeapTests {
    @Test("events come out by time, and those of one instant in the order in which they were pushed")
    func order() {
        var dice = Dice(seed: 7)
        var heap = EventHeap<Int>()
        var expected: [(at: Int64, number: Int)] = []
        for number in 0..<2_000 {
            let at = dice.roll(in: 0...200)
            heap.push(number, at: Instant(nanoseconds: at))
            expected.append((at, number))
        }
        expected.sort { ($0.at, $0.number) < ($1.at, $1.number) }
        for row in expected {
            #expect(heap.nextAt == Instant(nanoseconds: row.at))
            #expect(heap.pop()?.event == row.number)
        }
        #expect(heap.pop() == nil)
    }

    @Test("pushing while popping keeps the order and loses nothing")
    func interleaved() {
        var dice = Dice(seed: 11)
        var heap = EventHeap<Int>()
        var last = Instant.epoch
        var pushed = 0
        var popped = 0
        for _ in 0..<5_000 {
            if dice.chance(3, in: 5) {
                heap.push(pushed, at: last + Span(nanoseconds: dice.roll(in: 0...50)))
                pushed += 1
            } else if let (at, _) = heap.pop() {
                #expect(at >= last)
                last = at
                popped += 1
            }
        }
        while heap.pop() != nil { popped += 1 }
        #expect(popped == pushed)
    }
}
