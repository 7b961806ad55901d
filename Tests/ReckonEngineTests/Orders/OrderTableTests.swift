import ReckonEngine
import ReckonModel
import Testing

/// Each row of the order's state table.
///
/// A row names the state, what comes in, and what comes of it.
@Suite("The order's state table")
struct OrderTableTests {
    typealias Walk = OrderExhaustiveTests
    typealias Letter = OrderExhaustiveTests.Letter

    struct Row: Sendable {
        let path: [Letter]
        let state: String
        /// Kinds of actions of the last step, without timers.
        let actions: String
    }

    static let rows: [Row] = [
        Row(path: [.submit], state: "inFlight", actions: "place"),
        Row(path: [.submit, .submit], state: "inFlight", actions: ""),
        Row(path: [.submit, .ack], state: "working", actions: ""),
        Row(path: [.submit, .fill], state: "filled", actions: ""),
        Row(path: [.submit, .partial], state: "working", actions: ""),
        Row(path: [.submit, .reject], state: "refused", actions: ""),
        Row(path: [.submit, .timeout], state: "doubtful", actions: "query"),
        Row(path: [.submit, .due], state: "doubtful", actions: "query"),
        Row(path: [.submit, .restart], state: "doubtful", actions: "query"),
        Row(path: [.submit, .duplicateID], state: "doubtful", actions: "query"),
        Row(path: [.submit, .retryable], state: "planned", actions: ""),
        Row(path: [.submit, .dropped], state: "planned", actions: ""),
        Row(path: [.submit, .retryable, .due], state: "inFlight", actions: "place"),
        Row(path: [.submit, .retryable, .ack], state: "working", actions: ""),
        Row(path: [.submit, .retryable, .wishCancel], state: "abandoned", actions: ""),
        Row(path: [.submit, .timeout, .ack], state: "working", actions: ""),
        Row(path: [.submit, .timeout, .fill], state: "filled", actions: ""),
        Row(path: [.submit, .timeout, .reject], state: "refused", actions: ""),
        Row(path: [.submit, .timeout, .retryable], state: "planned", actions: ""),
        Row(path: [.submit, .timeout, .notFoundEarly], state: "doubtful", actions: ""),
        Row(path: [.submit, .timeout, .due], state: "doubtful", actions: "query"),
        Row(path: [.submit, .timeout, .notFoundLate], state: "doubtful", actions: ""),
        Row(path: [.submit, .timeout, .notFoundLate, .notFoundLate], state: "doubtful", actions: "snapshot"),
        Row(path: [.submit, .timeout, .notFoundLate, .notFoundEarly], state: "doubtful", actions: ""),
        Row(path: [.submit, .timeout, .historyEmpty], state: "doubtful", actions: ""),
        Row(
            path: [.submit, .timeout, .notFoundLate, .notFoundLate, .historyEmpty],
            state: "lapsed",
            actions: ""
        ),
        Row(
            path: [.submit, .timeout, .notFoundLate, .notFoundLate, .ack, .historyEmpty],
            state: "working",
            actions: ""
        ),
        Row(path: [.submit, .timeout, .wishCancel], state: "doubtful", actions: ""),
        Row(path: [.submit, .timeout, .wishCancel, .ack], state: "working", actions: "cancel"),
        Row(path: [.submit, .wishCancel, .ack], state: "working", actions: "cancel"),
        Row(path: [.submit, .ack, .wishCancel], state: "working", actions: "cancel"),
        Row(path: [.submit, .ack, .wishCancel, .wishCancel], state: "working", actions: ""),
        Row(path: [.submit, .ack, .wishCancel, .cancelAck], state: "cancelled", actions: ""),
        Row(path: [.submit, .ack, .wishCancel, .cancelUnknown], state: "working", actions: "query"),
        Row(path: [.submit, .ack, .wishCancel, .fill], state: "filled", actions: ""),
        Row(path: [.submit, .ack, .wishCancel, .due], state: "working", actions: "query cancel"),
        Row(path: [.submit, .ack, .missed], state: "working", actions: "query"),
        Row(path: [.submit, .ack, .missed, .notFoundLate], state: "doubtful", actions: ""),
        Row(path: [.submit, .ack, .restart], state: "working", actions: ""),
        Row(path: [.submit, .ack, .oldNew], state: "working", actions: ""),
        Row(path: [.submit, .partial, .oldNew], state: "working", actions: ""),
        Row(path: [.submit, .ack, .timeout], state: "working", actions: ""),
        Row(path: [.submit, .ack, .due], state: "working", actions: "query"),
        Row(path: [.submit, .fill, .ack], state: "filled", actions: ""),
        Row(path: [.submit, .fill, .partial], state: "filled", actions: ""),
        Row(path: [.submit, .fill, .timeout], state: "filled", actions: ""),
        Row(path: [.submit, .fill, .restart], state: "filled", actions: ""),
        Row(path: [.submit, .reject, .fill], state: "filled", actions: ""),
        Row(path: [.wishCancel], state: "abandoned", actions: ""),
        Row(path: [.restart], state: "doubtful", actions: "query"),
    ]

    @Test("a row of the table", arguments: rows)
    func row(_ row: Row) {
        let start = Instant(nanoseconds: 1_700_000_000_000_000_000)
        var node = Walk.Node(
            machine: OrderMachine(ticket: Walk.ticket(.entry), intent: nil, generation: 1, at: start),
            now: start
        )
        var actions: [String] = []
        for letter in row.path {
            node.now = node.now + letter.pause
            var out = OrderOutbox()
            let context = OrderContext(now: node.now, clock: .none, rules: Walk.rules)
            node.machine.step(Walk.input(letter, node), in: context, into: &out)
            actions = out.actions.compactMap(OrderTableTests.kind)
        }
        #expect(OrderTableTests.name(node.machine) == row.state, "\(row.path)")
        #expect(actions.joined(separator: " ") == row.actions, "\(row.path)")
    }

    static func kind(_ action: Action) -> String? {
        switch action {
        case .place: "place"
        case .query: "query"
        case .cancel: "cancel"
        case .snapshot: "snapshot"
        case .setLeverage, .setMarginMode, .setCountdown, .arm, .evaluate, .putBack, .resyncClock,
            .reopenStream,
            .answer,
            .notify:
            nil
        }
    }

    static func name(_ machine: OrderMachine) -> String { machine.end?.code ?? "\(machine.state)" }

    @Test("a late answer of an earlier attempt does not speak for the present one")
    func earlierAttempt() {
        let start = Instant(nanoseconds: 1_700_000_000_000_000_000)
        var machine = OrderMachine(ticket: Walk.ticket(.entry), intent: nil, generation: 1, at: start)
        var out = OrderOutbox()
        var context = OrderContext(now: start, clock: .none, rules: Walk.rules)
        machine.step(.submit, in: context, into: &out)
        let busy = VenueFailure(.retryable, code: 1, message: "m")
        machine.step(.answered(attempt: 1, .failure(busy)), in: context, into: &out)
        context = OrderContext(now: start + .seconds(2), clock: .none, rules: Walk.rules)
        machine.step(.due, in: context, into: &out)
        #expect(machine.attempts == 2)
        machine.step(
            .answered(attempt: 1, .failure(VenueFailure(.fatal, code: 1, message: "m"))),
            in: context,
            into: &out
        )
        #expect(machine.state == .inFlight)
    }

    @Test("the wait that the venue asks for is honoured before the next attempt")
    func retryAfter() {
        let start = Instant(nanoseconds: 1_700_000_000_000_000_000)
        var machine = OrderMachine(ticket: Walk.ticket(.exit), intent: nil, generation: 1, at: start)
        var out = OrderOutbox()
        let context = OrderContext(now: start, clock: .none, rules: Walk.rules)
        machine.step(.submit, in: context, into: &out)
        let full = VenueFailure(.retryable, code: -1015, message: "m", retryAfter: .seconds(7))
        machine.step(.answered(attempt: 1, .failure(full)), in: context, into: &out)
        #expect(machine.dueAt(Walk.rules).map { $0 >= start + .seconds(7) } ?? false)
    }

    @Test("a fill told after the venue's own end is counted and does not bring the order back")
    func lateFill() {
        let start = Instant(nanoseconds: 1_700_000_000_000_000_000)
        var node = Walk.Node(
            machine: OrderMachine(ticket: Walk.ticket(.entry), intent: nil, generation: 1, at: start),
            now: start
        )
        for letter in [Letter.submit, .ack, .wishCancel, .cancelAck, .partial] {
            (node, _) = Walk.follow(node, letter)
        }
        #expect(node.machine.end == .cancelled)
        #expect(node.machine.executed == quantity("0.4"))
    }
}
