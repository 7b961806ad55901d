import ReckonEngine
import ReckonModel
import Testing

/// Everything that can happen to one order, in every sequence, sharing prefixes and merging equal states.
@Suite("One order, all sequences")
struct OrderExhaustiveTests {
    enum Letter: CaseIterable {
        case submit
        case ack
        case reject
        case timeout
        case retryable
        case dropped
        case notFoundEarly
        case notFoundLate
        case historyEmpty
        case fill
        case partial
        case oldNew
        case wishCancel
        case cancelAck
        case cancelUnknown
        case duplicateID
        case restart
        case missed
        case due

        var pause: Span {
            switch self {
            case .notFoundLate, .due: .seconds(6)
            case .retryable, .dropped: .seconds(1)
            case .submit, .ack, .reject, .timeout, .notFoundEarly, .historyEmpty, .fill, .partial, .oldNew,
                .wishCancel,
                .cancelAck, .cancelUnknown, .duplicateID, .restart, .missed:
                .milliseconds(100)
            }
        }
    }

    struct Node: Hashable {
        var machine: OrderMachine
        var now: Instant
    }

    static let rules = RouterRules()

    static func ticket(_ role: OrderRole) -> OrderTicket {
        OrderTicket(
            id: ClientOrderID("rk-t1-e1-i1-1"),
            symbol: EngineRig.symbol,
            role: role,
            side: .buy,
            extent: role == .entry ? .opening(quantity("1")) : .reducing(quantity("1")),
            pricing: role.isConditional ? .stopMarket(trigger: price("90")) : .market
        )
    }

    static func input(_ letter: Letter, _ node: Node) -> OrderInput {
        let ticket = node.machine.ticket
        let attempt = node.machine.attempts
        func report(_ status: VenueOrderStatus, _ executed: String) -> OrderReport {
            let now = VenueInstant(milliseconds: node.now.nanoseconds / 1_000_000)
            return OrderReport(
                id: ticket.id,
                venueID: VenueOrderID(7),
                symbol: ticket.symbol,
                side: ticket.side,
                status: status,
                isConditional: ticket.role.isConditional,
                quantity: ticket.quantity,
                executed: quantity(executed),
                updatedAt: now
            )
        }
        func failure(_ outcome: OutcomeClass) -> VenueFailure { VenueFailure(outcome, code: 1, message: "m") }
        let absent = failure(.idempotentSafe(.noSuchOrder))
        let query = OrderQuery(
            id: ticket.id,
            symbol: ticket.symbol,
            endpoint: node.machine.endpoint,
            askedAt: node.now
        )
        switch letter {
        case .submit: return .submit
        case .ack: return .answered(attempt: attempt, .success(report(.new, "0")))
        case .reject: return .answered(attempt: attempt, .failure(failure(.fatal)))
        case .timeout: return .answered(attempt: attempt, .failure(failure(.doubt)))
        case .retryable: return .answered(attempt: attempt, .failure(failure(.retryable)))
        case .dropped: return .dropped(attempt: attempt)
        case .notFoundEarly, .notFoundLate: return .queried(query, .failure(absent))
        case .historyEmpty: return .history(nil)
        case .fill: return .report(report(.filled, "1"))
        case .partial: return .report(report(.partiallyFilled, "0.4"))
        case .oldNew: return .report(report(.new, "0"))
        case .wishCancel: return .cancel
        case .cancelAck:
            let executed = node.machine.executed.description
            return .cancelAnswered(
                attempt: node.machine.cancelAttempts,
                .success(report(.cancelled, executed))
            )
        case .cancelUnknown:
            let unknown = failure(.idempotentSafe(.unknownOrder))
            return .cancelAnswered(attempt: node.machine.cancelAttempts, .failure(unknown))
        case .duplicateID:
            return .answered(attempt: attempt, .failure(failure(.idempotentSafe(.duplicateID))))
        case .restart: return .restart
        case .missed: return .missed
        case .due: return .due
        }
    }

    /// Takes one step and says what broke, if anything did.
    static func follow(_ node: Node, _ letter: Letter) -> (next: Node, breach: String?) {
        var next = node
        next.now = node.now + letter.pause
        var out = OrderOutbox()
        let context = OrderContext(now: next.now, clock: .none, rules: rules)
        next.machine.step(input(letter, Node(machine: node.machine, now: next.now)), in: context, into: &out)
        var replayed = node.machine
        for fact in out.facts { replayed.apply(fact, at: next.now) }
        if replayed != next.machine { return (next, "I-11: replay differs") }
        if next.machine.executed + next.machine.possiblyLive > quantity("1") {
            return (next, "I-02: more than wanted")
        }
        if next.machine.executed < node.machine.executed { return (next, "executed shrank") }
        if next.machine.attempts > rules.maxAttempts {
            return (next, "I-07: \(next.machine.attempts) attempts")
        }
        let sends = out.actions.count { if case .place = $0 { true } else { false } }
        let wasPlanned = node.machine.state == .planned
        if sends > 1 || (sends == 1 && !wasPlanned) { return (next, "sent while not planned") }
        if let end = next.machine.end, node.machine.end != end, let breach = unproven(end, letter, node, next)
        {
            return (next, breach)
        }
        if let end = node.machine.end, !next.machine.isEnded, !mayComeBack(end, letter) {
            return (next, "I-08: came back from \(end.code) by \(letter)")
        }
        let isWatched =
            next.machine.state == .working || next.machine.isEnded || next.machine.dueAt(rules) != nil
        return (next, isWatched ? nil : "nothing will ever look at it again")
    }

    /// Only a fill that the venue reports proves a conclusion of ours wrong; its own ends stand.
    static func mayComeBack(_ end: OrderEnd, _ letter: Letter) -> Bool {
        switch end {
        case .lapsed, .gaveUp, .abandoned, .refused: letter == .partial
        case .filled, .cancelled, .expired: false
        }
    }

    /// An end that nothing of the venue's, and no rule of ours before sending, accounts for (I-08).
    static func unproven(_ end: OrderEnd, _ letter: Letter, _ before: Node, _ after: Node) -> String? {
        let machine = before.machine
        let isProven: Bool
        switch end {
        case .filled: isProven = letter == .fill
        case .cancelled: isProven = letter == .cancelAck
        case .refused: isProven = letter == .reject
        case .expired: isProven = false
        case .lapsed:
            let safe = rules.window + rules.settle(machine.endpoint)
            isProven =
                letter == .historyEmpty && machine.notFounds >= 2 && machine.state == .doubtful
                && machine.sentAt.map { after.now - $0 > safe } ?? true
        case .gaveUp: isProven = letter == .retryable || letter == .dropped
        case .abandoned: isProven = letter == .wishCancel && machine.state == .planned
        }
        return isProven ? nil : "I-08: \(end.code) after \(letter) in \(machine.state)"
    }

    static func walk(_ role: OrderRole, depth: Int) -> (states: Int, breaches: [String]) {
        let start = Instant(nanoseconds: 1_700_000_000_000_000_000)
        let first = OrderMachine(ticket: ticket(role), intent: nil, generation: 1, at: start)
        var edge: Set<Node> = [Node(machine: first, now: start)]
        var count = 0
        var breaches: [String] = []
        for _ in 0..<depth {
            var next: Set<Node> = []
            for node in edge {
                for letter in Letter.allCases {
                    let (reached, breach) = follow(node, letter)
                    if let breach { breaches.append("\(role) \(letter): \(breach)") }
                    next.insert(reached)
                }
            }
            edge = next
            count += edge.count
        }
        return (count, breaches)
    }

    @Test(
        "no sequence of five ends an order unproven, sends twice, or forgets it",
        arguments: [OrderRole.entry, .exit]
    )
    func orders(_ role: OrderRole) {
        let (states, breaches) = OrderExhaustiveTests.walk(role, depth: 5)
        #expect(states > 1_000)
        #expect(breaches.isEmpty, "\(breaches.prefix(5))")
    }

    @Test("the same holds for conditional orders")
    func conditionalOrders() {
        let (_, breaches) = OrderExhaustiveTests.walk(.stop, depth: 4)
        #expect(breaches.isEmpty, "\(breaches.prefix(5))")
    }
}
