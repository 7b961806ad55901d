import Foundation
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonVenue

/// The live picture of a demo run: what the engine believes beside what the venue holds.
struct StatusScreen {
    let title: String
    let isTerminal: Bool
    private var drawnLines = 0
    private var lastPlain = -1_000_000_000.0

    init(title: String) {
        self.title = title
        isTerminal = isatty(STDOUT_FILENO) == 1
    }

    /// What one drawing shows.
    struct Moment {
        let elapsed: Double
        let duration: Double?
        let engine: Snapshot
        let venue: VenueSnapshot
        let tally: SampleStrategy.Tally
    }

    mutating func draw(_ moment: Moment) {
        guard isTerminal else { return drawPlain(moment) }
        let lines = fullPicture(moment)
        var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
        let columns = StatusScreen.columns
        // A line that wraps would count as two when the cursor goes back up.
        for line in lines { text += "\u{1B}[2K\(clipped(line, to: columns))\n" }
        drawnLines = lines.count
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// The part of a line that fits; colour codes take no room and are never cut.
    private func clipped(_ line: String, to columns: Int) -> String {
        var result = ""
        var width = 0
        var isInCode = false
        for character in line {
            if character == "\u{1B}" { isInCode = true }
            if isInCode {
                result.append(character)
                if character == "m" { isInCode = false }
                continue
            }
            width += 1
            if width < columns { result.append(character) }
        }
        return result
    }

    /// Without a terminal one line now and then, so that a log stays readable.
    private mutating func drawPlain(_ moment: Moment) {
        guard moment.elapsed - lastPlain >= 5 else { return }
        lastPlain = moment.elapsed
        print("\(clock(moment)) \(posture(moment)) | \(intents(moment)) | faults \(faults(moment))")
        fflush(nil)
    }

    private func fullPicture(_ moment: Moment) -> [String] {
        var lines = ["", bold(title), "\(clock(moment))   \(posture(moment))", ""]
        lines.append(dim(row("symbol", "believed", "at the venue", "stop", "last mark")))
        for holding in moment.engine.holdings { lines.append(row(of: holding, moment)) }
        lines.append("")
        lines.append("intents  \(intents(moment))")
        lines.append("refused  \(refusals(moment.tally))")
        lines.append("faults   \(faults(moment))")
        lines.append("doubts   \(doubts(moment.engine))")
        return lines
    }

    private func clock(_ moment: Moment) -> String {
        func minutes(_ seconds: Double) -> String {
            let whole = Int(max(seconds, 0))
            return "\(String(format: "%02d", whole / 60)):\(String(format: "%02d", whole % 60))"
        }
        guard let duration = moment.duration else { return minutes(moment.elapsed) }
        return "\(minutes(moment.elapsed)) of \(minutes(duration))"
    }

    private func posture(_ moment: Moment) -> String {
        let knobs = moment.engine.enforced
        let belief = moment.engine.belief
        let entries = knobs.allowEntries ? "entries open" : "entries closed"
        let debt = String(format: "%.1f", belief.debtSeconds)
        return "\(colour(knobs.mode))  \(entries)  debt \(debt) s / \(belief.debtSymbols) symbols / streak "
            + "\(belief.mismatchStreak)  evidence \(String(format: "%.2f", belief.evidence.confidence))"
    }

    private func row(of holding: Holding, _ moment: Moment) -> String {
        let truth = moment.venue.record.position(of: holding.symbol, asOf: moment.venue.now)
        let believed = holding.position.quantity
        let stop = moment.engine.orders.first { holding.isCovered(by: $0) }
        let cover: String
        if holding.position.isFlat {
            cover = "-"
        } else if case .stopMarket(let trigger) = stop?.ticket.pricing {
            cover = "\(trigger)"
        } else {
            cover = red("naked")
        }
        let mark = moment.engine.marks[holding.symbol].map { "\($0)" } ?? "-"
        let shown = believed == truth ? "\(truth)" : red("\(truth)")
        return row(holding.symbol.name, "\(believed)", shown, cover, mark)
    }

    private func intents(_ moment: Moment) -> String {
        let tally = moment.tally
        return
            "entries \(tally.entriesSent) sent, \(tally.entriesAccepted) accepted, \(tally.entriesFilled) filled; "
            + "exits \(tally.exitsSent) sent, \(tally.exitsDone) done"
    }

    private func refusals(_ tally: SampleStrategy.Tally) -> String {
        let rules = tally.refusals.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(6)
        return rules.isEmpty ? "none" : rules.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private func faults(_ moment: Moment) -> String {
        let open = moment.venue.faults.entries.filter { $0.endedAt == nil }.map(\.kind)
        let kinds = moment.venue.faults.kinds.map { kind, count in
            "\(kind.rawValue) \(count)\(open.contains(kind) ? " (now)" : "")"
        }
        return kinds.isEmpty ? "none yet" : kinds.joined(separator: ", ")
    }

    private func doubts(_ engine: Snapshot) -> String {
        let doubtful = engine.orders.filter { $0.doubtSince != nil }
        let mismatches = engine.mismatches.rows.filter { $0.value.isMismatch }
            .map { "\($0.key.symbol) \($0.key.kind.rawValue)" }
        let parts = doubtful.map { "\($0.ticket.symbol) \($0.ticket.role.rawValue)" } + mismatches
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    /// Columns by visible width: colour codes take no room.
    private func row(_ cells: String...) -> String {
        cells.map { cell in
            let visible = cell.replacing(#/\u{1B}\[[0-9;]*m/#, with: "").count
            return cell + String(repeating: " ", count: max(1, 16 - visible))
        }
        .joined()
    }

    private func colour(_ mode: GuardMode) -> String {
        let code =
            switch mode {
            case .green: "32"
            case .yellow: "33"
            case .orange: "38;5;208"
            case .red: "31"
            }
        return styled(mode.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0), code)
    }

    private func red(_ text: String) -> String { styled(text, "31") }

    private func bold(_ text: String) -> String { styled(text, "1") }

    private func dim(_ text: String) -> String { styled(text, "2") }

    private func styled(_ text: String, _ code: String) -> String {
        isTerminal ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
