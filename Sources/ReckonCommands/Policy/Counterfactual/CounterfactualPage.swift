import ReckonEngine

/// A counterfactual as one page that needs no network.
extension CounterfactualReport {
    var html: String {
        let title = "What \(source.candidate) would have done"
        let parts = [
            "<h1>\(Drawing.escaped(title))</h1>",
            "<p class=\"verdict\"><strong>\(Drawing.escaped(sentence))</strong></p>",
            "<p class=\"soft\">\(Drawing.escaped(CounterfactualReport.caveat))</p>",
            courses, figures, knobs, entries, footer,
        ]
        return PageFrame.html(title, parts)
    }

    private var courses: String {
        let places = [
            ("a: what ran", counterfactual.recorded), ("b: \(source.candidate)", counterfactual.candidate),
        ]
        return "<h2>Modes, debt and notional</h2>" + ComparisonPage.key
            + places.map { name, course in
                "<div><h3>\(Drawing.escaped(name))</h3>\(picture(course, name))</div>"
            }.joined()
    }

    /// Modes as a band, the belief's debt and the cap on notional as lines below.
    private func picture(_ course: Course, _ name: String) -> String {
        var drawing = Drawing(width: 960, height: 150, title: "modes, debt and notional of \(name)")
        let last = course.moments.last?.at ?? 1
        let time = Axis(0, last, from: 4, to: 956)
        let modes = course.moments.map { BandPiece(at: $0.at, mode: $0.knobs.mode) }
        drawing.band(modes, until: last, top: 4, on: time)
        let debts = zip(course.moments, counterfactual.debts).map { (at: $0.at, value: $1) }
        let caps = course.moments.map { (at: $0.at, value: $0.knobs.admits ? $0.knobs.maxNotional : 0) }
        let curves = [
            Curve(kind: "debt", words: "debt", unit: "s", floor: 78, points: debts),
            Curve(kind: "exposure", words: "cap on notional", unit: "USDT", floor: 140, points: caps),
        ]
        for curve in curves { draw(curve, time, on: &drawing) }
        return drawing.svg("story")
    }

    private struct Curve {
        let kind: String
        let words: String
        let unit: String
        let floor: Double
        let points: [(at: Double, value: Double)]
    }

    private func draw(_ curve: Curve, _ time: Axis, on drawing: inout Drawing) {
        let most = curve.points.map(\.value).max() ?? 0
        let axis = Axis(0, most, from: curve.floor, to: curve.floor - 36)
        drawing.line(4, curve.floor, 956, curve.floor, "rule")
        // A picture shows no more than its width has room for.
        let step = max(curve.points.count / 2_000, 1)
        let points = stride(from: 0, to: curve.points.count, by: step).map { index in
            (x: time.place(curve.points[index].at), y: axis.place(curve.points[index].value))
        }
        drawing.path(points, "curve \(curve.kind)")
        let highest = CounterfactualReport.short(most)
        drawing.text(4, curve.floor - 40, "\(curve.words), at most \(highest) \(curve.unit)", "small")
    }

    private var figures: String {
        let body = rows.map { row in
            let cells = [row.a, row.b, row.b - row.a].map { "<td>\(CounterfactualReport.short($0))</td>" }
            return "<tr><td>\(row.name)</td>\(cells.joined())<td class=\"words\">\(row.unit)</td></tr>"
        }
        return PageFrame.table(["figure", "a", "b", "b − a", ""], body)
    }

    private var knobs: String {
        let body = counterfactual.differences.map { row in
            let cells = [
                "\(row.looserTicks)", Self.short(row.looserSeconds), "\(row.tighterTicks)",
                Self.short(row.tighterSeconds),
            ]
            return "<tr><td>\(row.knob.rawValue)</td>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
        }
        return "<h2>Where b differs</h2>"
            + PageFrame.table(["knob", "looser, ticks", "looser, s", "tighter, ticks", "tighter, s"], body)
    }

    private var entries: String {
        let entries = counterfactual.entries
        return "<h2>Entries</h2><p>Of \(entries.admitted) entries taken on, b would have refused "
            + "\(entries.wouldRefuse); of \(entries.refused) refused by a knob, it would have let "
            + "\(entries.wouldAdmit) by.</p>"
    }

    private var footer: String {
        let ran = source.recorded.map { String($0.prefix(16)) }.joined(separator: ", ")
        let words =
            "Journal \(source.journal), policies that ran: \(ran). b: \(source.path), \(source.digest.prefix(16)). "
            + "Limits: \(CounterfactualReport.short(source.limits.maxNotional)) USDT, leverage \(source.limits.maxLeverage)."
        return "<p class=\"soft\">\(Drawing.escaped(words))</p>"
    }
}
