import ReckonEngine
import ReckonModel

/// I-02, I-04: what the venue tells of executions is believed at once, and what only a list told is a mismatch.
struct TeachingChecker {
    private struct Lesson {
        let id: ClientOrderID
        let executed: Quantity
    }

    /// What the turn at hand has to learn.
    private var due: [Lesson] = []
    /// Rows that the lists of the round in hand have shown.
    private var listed: [OrderReport] = []
    private var round: Int64 = 0
    private var executed = Lookup<ClientOrderID, Quantity>()
    /// Executions that lists and trades told first, since the last conclusion.
    private var missed: [ClientOrderID] = []
    private var isByList = false

    /// The engine is about to be told something: the turn before is over.
    mutating func told(_ input: Input, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        for lesson in due {
            guard let story = book.orders[lesson.id], story.executed < lesson.executed else { continue }
            let sentence =
                "order \(lesson.id) has executed \(lesson.executed), and \(story.executed) is believed"
            findings.breach("I-02", sight.now, sentence)
        }
        due.removeAll()
        isByList = false
        switch input {
        case .wake: forget()
        case .report(let report), .placed(_, .success(let report)): learn(report, book)
        case .queried(_, .success(let report)):
            if isOurs(report, book) { learn(report, book) }
        case .snapshot(let question, let result):
            guard case .round(let number) = question.purpose else { return }
            isByList = true
            if number != round { listed.removeAll() }
            round = number
            if case .success(.orders(let rows)) = result { listed += rows }
        case .timer(.roundOverdue), .timer(.reconcile), .timer(.hint): isByList = true
        default: break
        }
    }

    private mutating func forget() {
        listed.removeAll()
        missed.removeAll()
    }

    private mutating func learn(_ report: OrderReport, _ book: PublishedBook) {
        guard let story = book.orders[report.id], story.ticket.symbol == report.symbol else { return }
        due.append(Lesson(id: report.id, executed: report.executed))
    }

    /// Not one of before that bears the same id.
    private func isOurs(_ report: OrderReport, _ book: PublishedBook) -> Bool {
        guard let story = book.orders[report.id], story.ticket.side == report.side,
            let createdAt = report.createdAt, let sentAt = story.lastTimestamp
        else { return false }
        return createdAt >= sentAt
    }

    /// The process is dead.
    mutating func died() {
        due.removeAll()
        forget()
    }

    /// The disk came back without its last facts.
    mutating func rebuilt() {
        executed.removeAll()
        died()
    }

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook, _ findings: inout Findings) {
        switch stamped.fact {
        case .orderAdopted(let ticket, let report):
            executed[ticket.id] = max(executed[ticket.id] ?? .zero, report.executed)
        case .order(let id, .reported(let report)):
            guard report.executed > executed[id] ?? .zero else { return }
            executed[id] = report.executed
            if isByList { missed.append(id) }
        case .roundConcluded(let conclusion):
            conclude(conclusion, stamped.at, book, &findings)
            isByList = false
        default: break
        }
    }

    private mutating func conclude(
        _ conclusion: RoundConclusion,
        _ now: Instant,
        _ book: PublishedBook,
        _ findings: inout Findings
    ) {
        let shown = conclusion.differences.filter { $0.kind == .missedFill }.compactMap(\.order)
        for id in missed where !shown.contains(id) {
            findings.breach("I-04", now, "a list told first of a fill of \(id), and no mismatch says so")
        }
        missed.removeAll()
        guard conclusion.round == round else { return }
        for row in listed where isOurs(row, book) && book.live[row.id] != nil {
            due.append(Lesson(id: row.id, executed: row.executed))
        }
        listed.removeAll()
    }
}
