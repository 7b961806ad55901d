import ReckonEngine

/// The pictures of a comparison's page.
enum ComparisonPlots {
    /// Where the interval of a gain lies, against zero and the margin.
    static func interval(_ row: FigureRow) -> String {
        let sample = row.sample
        let gains = row.interval.map { [$0.lowerBound, $0.upperBound] } ?? [sample.meanGain]
        let reach = max((gains + [sample.margin]).map(\.magnitude).max() ?? 0, 1e-9) * 1.1
        let axis = Axis(-reach, reach, from: 4, to: 176)
        var drawing = Drawing(
            width: 180,
            height: 22,
            title: "gain of \(sample.figure.name) with its interval"
        )
        let margin = axis.place(-sample.margin)
        drawing.box(
            Box(margin, 3, axis.place(0) - margin, 16),
            "margin",
            tip: "as good as, within the margin"
        )
        drawing.line(axis.place(0), 1, axis.place(0), 21, "zero")
        let side = row.challengerWins ? "win" : row.challengerLoses ? "loss" : "open"
        if gains.count == 2 {
            drawing.line(axis.place(gains[0]), 11, axis.place(gains[1]), 11, "range \(side)")
        }
        drawing.dot(axis.place(sample.meanGain), 11, 4, "mark \(side)")
        return drawing.svg("interval")
    }

    /// Every pair's gain as a dot, stacked.
    static func spread(_ sample: PairedSample) -> String {
        let reach = max(sample.gains.map(\.magnitude).max() ?? 0, 1e-9)
        let axis = Axis(-reach, reach, from: 10, to: 310)
        let bins = 60
        var stacks = [Int](repeating: 0, count: bins + 1)
        var drawing = Drawing(width: 320, height: 96, title: "distribution of gains of \(sample.figure.name)")
        let places = sample.gains.map { Int(((($0 / reach) + 1) / 2 * Double(bins)).rounded()) }
        let tallest = Double(Dictionary(places.map { ($0, 1) }, uniquingKeysWith: +).values.max() ?? 1)
        let step = min(5, 72 / tallest)
        drawing.line(axis.place(0), 4, axis.place(0), 80, "zero")
        for (place, index) in zip(places, sample.gains.indices) {
            let gain = sample.gains[index]
            let x = axis.from + Double(place) / Double(bins) * (axis.to - axis.from)
            let kind = gain > 0 ? "win" : gain < 0 ? "loss" : "open"
            let y = 78 - Double(stacks[place]) * step
            drawing.dot(x, y, 2.4, "mark \(kind)", tip: "seed \(sample.seeds[index]): \(gain)")
            stacks[place] += 1
        }
        drawing.text(10, 94, "a better", "small")
        drawing.text(310, 94, "b better", "small end")
        return drawing.svg("spread")
    }

    /// Modes as a band, debt and exposure as lines below.
    static func story(_ story: RunStory) -> String {
        var drawing = Drawing(
            width: 480,
            height: 150,
            title: "modes, debt and exposure of \(story.policy.title), \(story.scenario), seed \(story.seed)"
        )
        let time = Axis(0, story.seconds, from: 4, to: 476)
        let modes = story.moments.map { BandPiece(at: $0.at, mode: $0.mode) }
        drawing.band(modes, until: story.seconds, top: 4, on: time)
        for (value, floor, kind, words) in story.curves {
            let most = story.moments.map { $0[keyPath: value] }.max() ?? 0
            let axis = Axis(0, most, from: floor, to: floor - 40)
            drawing.line(4, floor, 476, floor, "rule")
            drawing.path(
                story.moments.map { (x: time.place($0.at), y: axis.place($0[keyPath: value])) },
                "curve \(kind)"
            )
            drawing.text(4, floor - 46, "\(words.0), at most \(short(most)) \(words.1)", "small")
        }
        return drawing.svg("story")
    }

    /// Who admits more against who is exposed more, each policy a point.
    static func pareto(_ points: [(title: String, label: String, x: Double, y: Double)]) -> String {
        var drawing = Drawing(width: 480, height: 260, title: "admitted share against time without a stop")
        let most = points.map(\.y).max() ?? 1
        let x = Axis(0, 1, from: 46, to: 460)
        let y = Axis(0, max(most, 1e-9) * 1.15, from: 224, to: 12)
        drawing.line(46, 224, 460, 224, "rule")
        drawing.line(46, 12, 46, 224, "rule")
        for step in 0...4 {
            drawing.text(x.place(Double(step) / 4), 240, short(Double(step) / 4), "small middle")
            drawing.text(
                40,
                y.place(most * Double(step) / 4) + 4,
                short(most * Double(step) / 4),
                "small end"
            )
        }
        for point in points {
            let kind = point.label == "a" ? "side-a" : point.label == "b" ? "side-b" : "side-c"
            drawing.dot(
                x.place(point.x),
                y.place(point.y),
                6,
                kind,
                tip: "\(point.title): \(point.x), \(point.y)"
            )
            let isRight = x.place(point.x) > 380
            let shift: Double = isRight ? -10 : 10
            drawing.text(x.place(point.x) + shift, y.place(point.y) - 8, point.title, isRight ? "end" : "")
        }
        drawing.text(253, 256, "admitted share, right is better", "small middle")
        return drawing.svg("pareto")
    }

    static func surface(_ surface: KnobSurface, title: String) -> String {
        let across = Double(KnobSurface.debts.count)
        var drawing = Drawing(width: 480, height: 260, title: "knobs of \(title)")
        let width = 430 / across
        let height = 210 / Double(KnobSurface.streaks.count)
        for (row, cells) in surface.rows.enumerated() {
            let y = 214 - Double(row + 1) * height
            for (column, cell) in cells.enumerated() {
                let x = 36 + Double(column) * width
                let words =
                    "debt \(short(KnobSurface.debts[column])) s, streak \(KnobSurface.streaks[row]): "
                    + (cell.map { "\($0.mode.rawValue), \(short($0.share * 100)) % of the limit" }
                        ?? "no answer")
                let kind = "mode-\(cell?.mode.rawValue ?? "none")"
                drawing.box(Box(x, y, width - 1, height - 1), kind, tip: words)
                // The share as a bar within the cell, as its colour says the mode.
                if let share = cell?.share, share > 0 {
                    drawing.box(Box(x, y + height - 4, (width - 1) * share, 3), "share")
                }
            }
            drawing.text(32, y + height / 2 + 4, "\(KnobSurface.streaks[row])", "small end")
        }
        for (column, debt) in KnobSurface.debts.enumerated() {
            drawing.text(36 + (Double(column) + 0.5) * width, 230, short(debt), "small middle")
        }
        drawing.text(250, 252, "belief debt in seconds; upwards the mismatch streak", "small middle")
        return drawing.svg("surface")
    }

    /// As short as it may be read.
    static func short(_ value: Double) -> String {
        let size = value.magnitude
        let power: Double = size >= 100 ? 1 : size >= 10 ? 10 : size >= 1 ? 100 : 10_000
        // Not "-0", which is what a tiny negative number rounds to.
        let text = "\((value * power).rounded() / power + 0)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension RunStory {
    /// What is drawn below the modes, from which height up, how, and how it is called.
    fileprivate var curves: [(KeyPath<Moment, Double>, Double, String, (String, String))] {
        [
            (\.debt, 82, "debt", ("belief debt", "s")),
            (\.exposure, 144, "exposure", ("exposure", "USDT")),
        ]
    }
}
