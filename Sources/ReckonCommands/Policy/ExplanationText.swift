import ReckonEngine
import ReckonPolicy

/// An explanation for a terminal or a program.
struct ExplanationText {
    let policy: String
    /// Ticks before the one that is explained.
    let ticks: Int
    let explanation: Explanation

    func text(_ ink: Ink) -> String {
        var lines = [
            ink.bold(policy) + " at \(explanation.step.question.now.fixed(1)) s, after \(ticks) "
                + "tick\(ticks == 1 ? "" : "s")"
        ]
        lines += [""] + belief(ink) + [""] + knobs(ink) + [""] + sweep(ink) + ratchet(ink)
        for line in explanation.step.log { lines.append(ink.dim("log: \(line)")) }
        let verdict = explanation.step.verdict
        if let reason = verdict.knobs?.notes.reason { lines.append("reason: \(reason)") }
        if let fault = explanation.step.enforcement.fault {
            lines.append(ink.red("fault \(fault.code.rawValue): \(fault.message)"))
        }
        lines.append(ink.dim("\(verdict.instructions) instructions"))
        return lines.joined(separator: "\n")
    }

    private func belief(_ ink: Ink) -> [String] {
        guard !explanation.parts.isEmpty else { return ["belief: nothing differs from neutral"] }
        let total = explanation.step.verdict.knobs?.notes.debtScore
        let heading = "belief".padded(30) + "value".led(10) + (total == nil ? "" : "score".led(10))
        var lines = [ink.dim(heading + "  without it looser")]
        let most = explanation.parts.compactMap(\.score).map(abs).max() ?? 0
        for part in explanation.parts {
            var line = part.path.padded(30) + LuaNumber.text(part.value).led(10)
            if total != nil { line += (part.score ?? 0).fixed(4).led(10) }
            let bar = most > 0 ? Plot.bar(abs(part.score ?? 0) / most, width: 12) : ""
            line += "  " + ink.yellow(bar) + " " + part.tightens.map(\.rawValue).joined(separator: ", ")
            lines.append(line)
        }
        if let total {
            let sum = explanation.parts.compactMap(\.score).reduce(0, +)
            lines.append("score".padded(40) + total.fixed(4).led(10))
            if abs(sum - total) > 1e-6 { lines.append(ink.dim("the parts add up to \(sum.fixed(4))")) }
        }
        return lines
    }

    private func knobs(_ ink: Ink) -> [String] {
        var lines = [ink.dim("knob".padded(28) + "raw".padded(18) + "enforced")]
        for row in explanation.rows {
            let raw = row.raw ?? "none"
            let enforced = row.knob == .mode ? ink.mode(row.enforced) : row.enforced
            let isSame = row.raw == row.enforced && row.why.isEmpty
            let why = row.why.isEmpty ? "" : "  " + ink.yellow("← " + row.why.joined(separator: "; "))
            lines.append(
                row.knob.rawValue.padded(28) + raw.padded(18) + (isSame ? ink.dim(row.enforced) : enforced)
                    + why
            )
        }
        return lines
    }

    private func sweep(_ ink: Ink) -> [String] {
        let points = explanation.sweep
        guard points.count > 1 else { return [] }
        let letters = points.map { String($0.knobs.mode.rawValue.prefix(1)) }
        let modes = zip(points, letters).map { point, letter in paint(letter, point.knobs.mode, ink) }
            .joined()
        let limits = explanation.step.question.limits
        let openings = points.map { $0.knobs.allowEntries ? $0.knobs.maxNotional : 0 }
        var lines = [ink.dim("".padded(28) + "from no trouble (left) to twice this belief (right)")]
        let scores = points.compactMap(\.score)
        if scores.count == points.count {
            lines.append("score".padded(28) + Plot.line(scores, most: scores.max() ?? 1))
        }
        lines.append("mode".padded(28) + modes)
        lines.append("max_notional_usdt".padded(28) + ink.blue(Plot.line(openings, most: limits.maxNotional)))
        let leverages = points.map { Double($0.knobs.maxLeverage) }
        lines.append(
            "max_leverage".padded(28) + ink.blue(Plot.line(leverages, most: Double(limits.maxLeverage)))
        )
        lines.append(
            "min_entry_conf".padded(28) + ink.blue(Plot.line(points.map(\.knobs.minEntryConfidence), most: 1))
        )
        let cooldowns = points.map(\.knobs.entryCooldownSeconds)
        lines.append(
            "entry_cooldown_seconds".padded(28) + ink.blue(Plot.line(cooldowns, most: cooldowns.max() ?? 1))
        )
        lines.append(
            "".padded(28) + String(repeating: " ", count: points.count / 2) + ink.dim("↑ this belief")
        )
        return lines + [""]
    }

    private func paint(_ letter: String, _ mode: GuardMode, _ ink: Ink) -> String {
        switch mode {
        case .green: ink.green(letter)
        case .yellow: ink.yellow(letter)
        case .orange: ink.orange(letter)
        case .red: ink.red(letter)
        }
    }

    private func ratchet(_ ink: Ink) -> [String] {
        guard explanation.rows.contains(where: { $0.why.contains { $0.contains("ratchet") } }) else {
            return []
        }
        var lines = [ink.dim("ratchet".padded(28) + "now".led(10) + "worst".led(10))]
        for debt in explanation.debts {
            lines.append(
                debt.name.padded(28) + LuaNumber.text(debt.now).led(10) + LuaNumber.text(debt.worst).led(10)
            )
        }
        return lines + [""]
    }

    var json: String {
        let step = explanation.step
        let parts = explanation.parts.map { part in
            JSONText.object([
                ("field", JSONText.string(part.path)), ("value", JSONText.number(part.value)),
                ("score", part.score.map(JSONText.number) ?? "null"),
                ("tightens", JSONText.array(part.tightens.map { JSONText.string($0.rawValue) })),
            ])
        }
        let rows = explanation.rows.map { row in
            JSONText.object([
                ("knob", JSONText.string(row.knob.rawValue)), ("raw", row.raw.map(JSONText.string) ?? "null"),
                ("enforced", JSONText.string(row.enforced)),
                ("why", JSONText.array(row.why.map(JSONText.string))),
            ])
        }
        let sweep = explanation.sweep.map { point in
            JSONText.object([
                ("share", JSONText.number(point.share)),
                ("score", point.score.map(JSONText.number) ?? "null"),
                ("knobs", point.knobs.json),
            ])
        }
        let debts = explanation.debts.map { debt in
            (
                debt.name,
                JSONText.object([("now", JSONText.number(debt.now)), ("worst", JSONText.number(debt.worst))])
            )
        }
        let fault = step.enforcement.fault.map { fault in
            JSONText.object([
                ("code", JSONText.string(fault.code.rawValue)), ("message", JSONText.string(fault.message)),
            ])
        }
        return JSONText.object([
            ("policy", JSONText.string(policy)), ("now", JSONText.number(step.question.now)),
            ("ticks", "\(ticks)"),
            ("parts", JSONText.array(parts)), ("raw", step.verdict.knobs?.json ?? "null"),
            ("enforced", step.enforcement.enforced.json),
            ("held", JSONText.array(step.enforcement.held.map(JSONText.string))),
            ("clamped", JSONText.array(step.enforcement.clamped.map(JSONText.string))),
            ("knobs", JSONText.array(rows)), ("debts", JSONText.object(debts)),
            ("sweep", JSONText.array(sweep)),
            ("fault", fault ?? "null"), ("log", JSONText.array(step.log.map(JSONText.string))),
            ("instructions", "\(step.verdict.instructions)"),
        ])
    }
}

/// Figures for people: at most four digits after the point.
enum LuaNumber {
    static func text(_ value: Double) -> String { LuaText.number((value * 10_000).rounded() / 10_000) }
}
