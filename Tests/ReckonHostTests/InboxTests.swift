import ReckonEngine
import ReckonHost
import ReckonModel
import Testing

@Suite("The inbox is bounded lane by lane")
struct InboxTests {
    private static var bounds: Inbox.Bounds {
        var bounds = Inbox.Bounds()
        bounds.entries = 2
        bounds.callers = 3
        bounds.stream = 4
        return bounds
    }

    @Test("a full lane of entries refuses, while callers and answers still come in")
    func fullEntries() async throws {
        let inbox = Inbox(bounds: InboxTests.bounds)
        #expect(inbox.offer(.timer(.reconcile), .entries))
        #expect(inbox.offer(.timer(.reconcile), .entries))
        #expect(!inbox.offer(.timer(.reconcile), .entries))
        #expect(inbox.offer(.timer(.hint), .callers))
        for _ in 0..<100 { #expect(inbox.offer(.timer(.hint))) }
        #expect(try #require(await inbox.take(upTo: 1)).count == 1)
        #expect(inbox.offer(.timer(.reconcile), .entries))
    }

    @Test("what the stream loses is told once, as a disconnection, and again only after there was room")
    func overflow() async throws {
        let inbox = Inbox(bounds: InboxTests.bounds)
        for _ in 0..<4 { #expect(inbox.offer(.stream(.heard), .stream)) }
        for _ in 0..<5 { #expect(!inbox.offer(.stream(.heard), .stream)) }
        let taken = try #require(await inbox.take(upTo: 100))
        #expect(taken == Array(repeating: .stream(.heard), count: 4) + [.stream(.disconnected("overflow"))])
        for _ in 0..<4 { #expect(inbox.offer(.stream(.heard), .stream)) }
        #expect(!inbox.offer(.stream(.heard), .stream))
        #expect(try #require(await inbox.take(upTo: 100)).count == 5)
    }

    @Test("order is kept, a bound is kept, a poke wakes with nothing, a close lets what waits out first")
    func order() async throws {
        let inbox = Inbox()
        let timers = (0..<10).map { EngineTimer.roundOverdue(Int64($0)) }
        for timer in timers { #expect(inbox.offer(.timer(timer))) }
        var seen: [Input] = []
        while seen.count < 10 { seen += try #require(await inbox.take(upTo: 3)) }
        #expect(seen == timers.map { .timer($0) })
        inbox.poke()
        #expect(await inbox.take(upTo: 3) == [])
        #expect(inbox.offer(.timer(.hint)))
        inbox.close()
        #expect(!inbox.offer(.timer(.hint)))
        #expect(await inbox.take(upTo: 3) == [.timer(.hint)])
        #expect(await inbox.take(upTo: 3) == nil)
    }

    @Test("many producers and one consumer lose nothing and repeat nothing")
    func manyProducers() async throws {
        let inbox = Inbox()
        let consumer = Task {
            var seen: [Int64] = []
            while let inputs = await inbox.take(upTo: 7) {
                for case .timer(.roundOverdue(let number)) in inputs { seen.append(number) }
            }
            return seen
        }
        await withTaskGroup(of: Void.self) { group in
            for producer in 0..<8 {
                group.addTask {
                    for step in 0..<200 {
                        _ = inbox.offer(.timer(.roundOverdue(Int64(producer * 1000 + step))))
                        if step % 17 == 0 { await Task.yield() }
                    }
                }
            }
        }
        inbox.close()
        let seen = await consumer.value
        #expect(seen.count == 1600)
        #expect(Set(seen).count == 1600)
        for producer in 0..<8 {
            let own = seen.filter { $0 / 1000 == Int64(producer) }
            #expect(own == own.sorted())
        }
    }
}
