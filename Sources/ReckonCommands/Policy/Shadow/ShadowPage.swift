import ReckonEngine

/// Policies that looked on as one page that needs no network.
extension ShadowReport {
    var html: String {
        let names = record.sittings.map(\.tally.identity.name)
        let title = "What looked on: " + names.joined(separator: ", ")
        var parts = ["<h1>\(Drawing.escaped(title))</h1>"]
        parts += record.sittings.map {
            "<p class=\"verdict\"><strong>\(Drawing.escaped($0.sentence))</strong></p>"
        }
        parts.append("<p class=\"soft\">\(Drawing.escaped(ShadowReport.caveat))</p>")
        for sitting in record.sittings { parts += section(sitting) }
        parts.append("<p class=\"soft\">\(Drawing.escaped("Journal \(journal)"))</p>")
        return PageFrame.html(title, parts)
    }

    private func section(_ sitting: ShadowRecord.Sitting) -> [String] {
        let tally = sitting.tally
        let words =
            "\(tally.identity.digest.prefix(16)), \(sitting.times); reason: \(tally.reason). Compared with "
            + sitting.champions.map { String($0.prefix(16)) }.joined(separator: ", ")
            + ". \(tally.compared) ticks, \(tally.disagreements) disagreements, \(tally.faults) faults, "
            + "\(tally.skipped) questions skipped."
        let body = sitting.rows.map {
            "<tr><td>\(Drawing.escaped($0.knob))</td><td>\($0.looser)</td><td>\($0.tighter)</td></tr>"
        }
        let name = Drawing.escaped(tally.identity.name)
        return [
            "<h2>b: \(name)</h2>", "<p>\(Drawing.escaped(words))</p>", ShadowReport.key, ComparisonPage.key,
            picture(sitting), "<h2>Where \(name) differs</h2>",
            PageFrame.table(["knob", "looser, ticks", "tighter, ticks"], body),
        ]
    }

    /// The mode that was enforced, and below it the way in which the other differed.
    private func picture(_ sitting: ShadowRecord.Sitting) -> String {
        let name = sitting.tally.identity.name
        var drawing = Drawing(width: 960, height: 92, title: "enforced mode, and how \(name) differed")
        let time = Axis(sitting.from, sitting.until, from: 4, to: 956)
        let before = record.modes.last { $0.at <= sitting.from }
        let within = record.modes.filter { $0.at > sitting.from && $0.at < sitting.until }
        let modes = ([before].compactMap { $0 } + within).map { BandPiece(at: $0.at, mode: $0.mode) }
        drawing.text(4, 14, "a: enforced mode", "small")
        drawing.band(modes, until: sitting.until, top: 20, on: time)
        drawing.text(4, 58, "b: \(name), against a", "small")
        let ways = sitting.stretches.map {
            BandPiece(at: $0.at, kind: "way-\($0.way.rawValue)", words: $0.way.rawValue)
        }
        drawing.band(ways, until: sitting.until, top: 64, on: time)
        return drawing.svg("story")
    }

    private static let key =
        "<p class=\"key soft\"><span class=\"same\"></span>the same<span class=\"looser\"></span>looser"
        + "<span class=\"tighter\"></span>tighter<span class=\"mixed\"></span>looser and tighter</p>"
}
