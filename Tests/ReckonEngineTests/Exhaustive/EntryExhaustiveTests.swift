import ReckonEngine
import ReckonModel
import Testing

/// One entry at the engine's front door under every sequence of what can happen to it, sharing prefixes.
@Suite("One entry, all sequences")
struct EntryExhaustiveTests {
    enum Letter: CaseIterable {
        case ack
        case reject
        case timeout
        case retryable
        case notFoundEarly
        case notFoundLate
        case fill
        case partial
        case cancelAck
        case cancelUnknown
        case duplicate
        case restart
        case withdraw
        case wait
    }

    /// A rig and what it sent; copying one is how prefixes are shared.
    ///
    /// The rig checks I-11 at each step.
    struct Branch {
        var rig: EngineRig
        var placements: [Placement]
        /// Sends of entries that nobody has looked at, and of everything else.
        var fresh: [Placement] = []
        var unsettled: [Placement] = []

        mutating func collect() {
            let sent = rig.takePlacements()
            placements += sent.filter { $0.ticket.role == .entry }
            fresh += sent.filter { $0.ticket.role == .entry }
            unsettled += sent.filter { $0.ticket.role != .entry }
        }
    }

    static func take(_ letter: Letter, _ branch: inout Branch) {
        branch.rig.advance(by: .milliseconds(100))
        let sent = branch.placements.last
        func executed(_ text: String) -> String {
            min(quantity(text), sent?.ticket.quantity ?? .zero).description
        }
        let absent = VenueFailure(.idempotentSafe(.noSuchOrder), code: -2013, message: "m")
        switch letter {
        case .ack: if let sent { branch.rig.step(.placed(sent, .success(branch.rig.report(sent, .new)))) }
        case .reject: fail(sent, VenueFailure(.fatal, code: -2010, message: "m"), &branch)
        case .timeout: fail(sent, .unknown("m"), &branch)
        case .retryable: fail(sent, VenueFailure(.retryable, code: -1001, message: "m"), &branch)
        case .duplicate:
            fail(sent, VenueFailure(.idempotentSafe(.duplicateID), code: -4116, message: "m"), &branch)
        case .notFoundEarly:
            for query in branch.rig.takeQueries() { branch.rig.step(.queried(query, .failure(absent))) }
        case .notFoundLate:
            for _ in 0..<16 {
                for query in branch.rig.takeQueries() { branch.rig.step(.queried(query, .failure(absent))) }
                branch.rig.advance(by: .milliseconds(400))
            }
        case .fill:
            if let sent {
                branch.rig.step(.report(branch.rig.report(sent, .filled, executed: executed("1"))))
            }
        case .partial:
            if let sent {
                branch.rig.step(.report(branch.rig.report(sent, .partiallyFilled, executed: executed("0.4"))))
            }
        case .cancelAck:
            for cancel in branch.rig.takeCancels() {
                guard let order = branch.rig.engine.state.order(cancel.id) else { continue }
                let report = branch.rig.report(order.ticket, .cancelled, executed: order.executed.description)
                branch.rig.step(.cancelled(cancel, .success(report)))
            }
        case .cancelUnknown:
            let failure = VenueFailure(.idempotentSafe(.unknownOrder), code: -2011, message: "m")
            for cancel in branch.rig.takeCancels() { branch.rig.step(.cancelled(cancel, .failure(failure))) }
        case .restart: branch.rig.crashAndRestart(epoch: "e\(branch.rig.facts.count)")
        case .withdraw: branch.rig.step(.withdrawal(IntentID(1), ticket: 1))
        case .wait: branch.rig.advance(by: .seconds(5))
        }
        branch.collect()
    }

    private static func fail(_ sent: Placement?, _ failure: VenueFailure, _ branch: inout Branch) {
        guard let sent else { return }
        branch.rig.step(.placed(sent, .failure(failure)))
    }

    /// What breaks I-02 or the bound on sends; a later generation may live only once the earlier one is ended.
    static func breach(_ branch: Branch, _ path: [Letter]) -> String? {
        let state = branch.rig.engine.state
        guard let record = state.intents[IntentID(1)] else { return "\(path): the intent is gone" }
        if state.committed(record) > record.quantity {
            return "\(path): I-02, \(state.committed(record)) committed"
        }
        if branch.placements.count > 15 { return "\(path): I-07, \(branch.placements.count) sends" }
        let live = record.orders.compactMap { state.order($0) }.filter { !$0.isEnded }
        if live.count > 1 { return "\(path): I-02, \(live.count) generations live" }
        if record.end != nil, let order = live.first, !order.cancelWanted {
            return "\(path): ended with a live order"
        }
        return nil
    }

    static func explore(_ branch: Branch, _ path: [Letter], depth: Int, _ breaches: inout [String]) -> Int {
        guard depth > 0 else { return 1 }
        var count = 1
        for letter in Letter.allCases {
            var next = branch
            take(letter, &next)
            if let breach = breach(next, path + [letter]) { breaches.append(breach) }
            count += explore(next, path + [letter], depth: depth - 1, &breaches)
        }
        return count
    }

    @Test(
        "no sequence of three after a send, or of two after a doubt, passes the quantity or leaves an order behind"
    )
    func sequences() throws {
        var rig = EngineRig.open()
        var wish = entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))
        wish.lifetime = .seconds(120)
        rig.submit(.entry(wish))
        let sent = rig.takePlacements()
        let fresh = Branch(rig: rig, placements: sent)
        var doubtful = fresh
        EntryExhaustiveTests.take(.timeout, &doubtful)
        EntryExhaustiveTests.take(.notFoundLate, &doubtful)
        #expect(doubtful.placements.count == 2)
        var breaches: [String] = []
        var count = EntryExhaustiveTests.explore(fresh, [], depth: 3, &breaches)
        count += EntryExhaustiveTests.explore(doubtful, [], depth: 2, &breaches)
        #expect(count > 3_000)
        #expect(breaches.isEmpty, "\(breaches.prefix(5))")
    }
}
