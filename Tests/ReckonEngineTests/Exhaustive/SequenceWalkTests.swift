import Foundation
import ReckonEngine
import ReckonModel
import Testing

/// One entry at the engine's front door under *every* sequence of eleven things that can happen to it.
///
/// Sequences share their prefixes, and a situation that was met before, with at least as many steps to go, is not gone
/// through again. `RECKON_WALK_DEPTH=7` makes the walk as deep as the soak wants it.
@Suite("One entry, every sequence")
struct SequenceWalkTests {
    typealias Letter = EntryExhaustiveTests.Letter
    typealias Branch = EntryExhaustiveTests.Branch

    static let alphabet: [Letter] = [
        .ack, .reject, .timeout, .notFoundEarly, .notFoundLate, .fill, .partial, .cancelAck, .cancelUnknown,
        .duplicate, .restart,
    ]

    static let depth = ProcessInfo.processInfo.environment["RECKON_WALK_DEPTH"].flatMap { Int($0) } ?? 5

    /// Where a walk begins: what has been asked for beside the entry itself.
    enum Root: CaseIterable {
        case sent
        case withdrawn
        case amended
        case flattened
    }

    /// All that later steps can hang on.
    struct Situation: Hashable {
        let state: EngineState
        let now: Instant
        let timers: [EngineTimer: Instant]
        let waiting: [Action]
        let sent: [Placement]
    }

    struct Walk {
        /// How many steps were still to go when a situation was met.
        var met: [Int: Int] = [:]
        var steps = 0
        var merged = 0
        var ends = 0
        var breaches: [String] = []
    }

    static func root(_ root: Root) throws -> Branch {
        var rig = EngineRig.open {
            // Rounds by the clock would only multiply the situations; a restart still has its own.
            $0.reconcileEvery = .seconds(86_400)
            $0.evidence.maxEntryEvidenceAge = .seconds(86_400)
        }
        var wish = entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))
        wish.lifetime = .seconds(60)
        rig.submit(.entry(wish))
        let sent = rig.takePlacements()
        switch root {
        case .sent: break
        case .withdrawn: rig.step(.withdrawal(IntentID(1), ticket: 1))
        case .amended:
            let placement = try #require(sent.first)
            rig.step(.placed(placement, .success(rig.report(placement, .new))))
            let amendment = Amendment(.key("e"), price: price("98"), quantity: quantity("0.8"))
            rig.step(.amendment(amendment, ticket: 1))
        case .flattened: rig.command(.flatten(.account, reason: "f"))
        }
        rig.actions.removeAll(where: isNoise)
        return Branch(rig: rig, placements: sent)
    }

    /// What no later step looks at.
    static func isNoise(_ action: Action) -> Bool {
        switch action {
        case .place, .query, .cancel: false
        case .snapshot, .setLeverage, .setMarginMode, .setCountdown, .arm, .evaluate, .putBack, .resyncClock,
            .reopenStream, .answer, .notify:
            true
        }
    }

    static func key(_ branch: Branch) -> Int {
        let situation = Situation(
            state: branch.rig.engine.state,
            now: branch.rig.now,
            timers: branch.rig.timers,
            waiting: branch.rig.actions,
            sent: branch.placements
        )
        return situation.hashValue
    }

    static func take(_ letter: Letter, _ branch: inout Branch) {
        branch.rig.positions =
            branch.rig.held.isZero ? [] : [branch.rig.position(branch.rig.held.description)]
        EntryExhaustiveTests.take(letter, &branch)
        settleCover(&branch)
        branch.rig.actions.removeAll(where: isNoise)
    }

    /// Protection and exits are not what the walk is about: the venue takes and fills them at once.
    static func settleCover(_ branch: inout Branch) {
        for _ in 0..<4 {
            let asked = branch.unsettled
            if asked.isEmpty { return }
            branch.unsettled = []
            for placement in asked {
                let isExit = placement.ticket.role == .exit
                let size = isExit ? placement.ticket.quantity.description : "0"
                let report = branch.rig.report(placement, isExit ? .filled : .new, executed: size)
                branch.rig.step(.placed(placement, .success(report)))
            }
            branch.collect()
        }
    }

    static func explore(_ branch: Branch, _ path: [Letter], depth: Int, _ walk: inout Walk) {
        let key = key(branch)
        if let done = walk.met[key], done >= depth {
            walk.merged += 1
            return
        }
        walk.met[key] = depth
        guard depth > 0 else { return checkEnd(branch, path, &walk) }
        for letter in alphabet {
            var next = branch
            take(letter, &next)
            walk.steps += 1
            if let breach = EntryExhaustiveTests.breach(next, path + [letter]) {
                walk.breaches.append(breach)
            }
            explore(next, path + [letter], depth: depth - 1, &walk)
        }
    }

    /// From wherever a sequence leaves it, a venue that answers brings the entry to its end within bounds.
    static func checkEnd(_ branch: Branch, _ path: [Letter], _ walk: inout Walk) {
        walk.ends += 1
        var last = branch
        for _ in 0..<40 {
            let record = last.rig.engine.state.intents[IntentID(1)]
            let live = record?.orders.contains { last.rig.engine.state.orders[$0] != nil } ?? true
            if record?.end != nil, !live { return }
            answer(&last)
            last.rig.advance(by: .seconds(4))
            last.collect()
            settleCover(&last)
        }
        walk.breaches.append("\(path): I-07, not ended within 160 s")
    }

    private static func answer(_ branch: inout Branch) {
        func gone(_ id: ClientOrderID, _ rig: EngineRig) -> OrderReport? {
            guard let order = rig.engine.state.order(id) else { return nil }
            let isStop = order.ticket.role.isConditional
            return rig.report(order.ticket, isStop ? .new : .cancelled, executed: order.executed.description)
        }
        branch.rig.positions =
            branch.rig.held.isZero ? [] : [branch.rig.position(branch.rig.held.description)]
        let entries = branch.fresh
        branch.fresh = []
        for placement in entries {
            let failure = VenueFailure(.fatal, code: -2010, message: "m")
            branch.rig.step(.placed(placement, .failure(failure)))
        }
        for query in branch.rig.takeQueries() {
            guard let report = gone(query.id, branch.rig) else { continue }
            branch.rig.step(.queried(query, .success(report)))
        }
        for cancel in branch.rig.takeCancels() {
            guard let order = branch.rig.engine.state.order(cancel.id) else { continue }
            let report = branch.rig.report(order.ticket, .cancelled, executed: order.executed.description)
            branch.rig.step(.cancelled(cancel, .success(report)))
        }
        branch.collect()
    }

    @Test(
        "no sequence passes the quantity, lives in two generations, replays otherwise, or fails to end",
        arguments: Root.allCases
    )
    func sequences(_ root: Root) throws {
        var walk = Walk()
        let start = try SequenceWalkTests.root(root)
        let began = ContinuousClock.now
        SequenceWalkTests.explore(start, [], depth: SequenceWalkTests.depth - (root == .sent ? 0 : 1), &walk)
        if ProcessInfo.processInfo.environment["RECKON_WALK_DEPTH"] != nil {
            let taken = ContinuousClock.now - began
            print("\(root): \(walk.met.count) situations, \(walk.steps) steps, \(walk.ends) ends, \(taken)")
        }
        #expect(walk.breaches.isEmpty, "\(walk.breaches.prefix(5))")
        #expect(walk.merged > 0, "nothing was merged")
        #expect(walk.met.count > 100)
        #expect(walk.ends > 30)
    }
}
