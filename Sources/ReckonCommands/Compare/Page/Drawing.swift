import ReckonEngine

/// Pieces of a page: escaped text, and shapes of pictures that scale with the page.
struct Drawing {
    let width: Double
    let height: Double
    /// What it shows, for those who don't see it.
    let title: String
    private var shapes: [String] = []

    init(width: Double, height: Double, title: String) {
        self.width = width
        self.height = height
        self.title = title
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String) {
        shapes.append(
            "<line class=\"\(kind)\" x1=\"\(at(x1))\" y1=\"\(at(y1))\" x2=\"\(at(x2))\" y2=\"\(at(y2))\"/>"
        )
    }

    mutating func box(_ box: Box, _ kind: String, tip: String = "") {
        let inner = tip.isEmpty ? "" : "<title>\(Drawing.escaped(tip))</title>"
        let place = "x=\"\(at(box.x))\" y=\"\(at(box.y))\""
        let size = "width=\"\(at(box.width))\" height=\"\(at(box.height))\""
        shapes.append("<rect class=\"\(kind)\" \(place) \(size)>\(inner)</rect>")
    }

    /// A strip of colours over time: each piece lasts until the next, neighbours of a kind are one.
    mutating func band(_ pieces: [BandPiece], until last: Double, top: Double, on time: Axis) {
        var first = 0
        for next in 1...max(pieces.count, 1) where first < pieces.count {
            if next < pieces.count, pieces[next].kind == pieces[first].kind { continue }
            let left = time.place(pieces[first].at)
            let right = time.place(next < pieces.count ? pieces[next].at : last)
            box(Box(left, top, right - left, 18), pieces[first].kind, tip: pieces[first].words)
            first = next
        }
    }

    mutating func dot(_ x: Double, _ y: Double, _ radius: Double, _ kind: String, tip: String = "") {
        let inner = tip.isEmpty ? "" : "<title>\(Drawing.escaped(tip))</title>"
        shapes.append(
            "<circle class=\"\(kind)\" cx=\"\(at(x))\" cy=\"\(at(y))\" r=\"\(at(radius))\">\(inner)</circle>"
        )
    }

    mutating func path(_ points: [(x: Double, y: Double)], _ kind: String) {
        let text = points.map { "\(at($0.x)),\(at($0.y))" }.joined(separator: " ")
        shapes.append("<polyline class=\"\(kind)\" points=\"\(text)\"/>")
    }

    mutating func text(_ x: Double, _ y: Double, _ words: String, _ kind: String = "") {
        shapes.append(
            "<text class=\"\(kind)\" x=\"\(at(x))\" y=\"\(at(y))\">\(Drawing.escaped(words))</text>"
        )
    }

    /// As part of a page.
    func svg(_ kind: String) -> String {
        "<svg class=\"plot \(kind)\" viewBox=\"0 0 \(at(width)) \(at(height))\" role=\"img\">"
            + "<title>\(Drawing.escaped(title))</title>" + shapes.joined() + "</svg>"
    }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, letter in
            switch letter {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(letter)
            }
        }
    }

    /// A tenth of a unit is finer than any screen shows.
    private func at(_ value: Double) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
    }
}

/// A stretch of a band: when it begins, how it is drawn, what it says.
struct BandPiece {
    let at: Double
    let kind: String
    let words: String

    init(at: Double, kind: String, words: String) {
        self.at = at
        self.kind = kind
        self.words = words
    }

    init(at: Double, mode: GuardMode) {
        self.init(at: at, kind: "mode-\(mode.rawValue)", words: mode.rawValue)
    }
}

/// A rectangle of a picture.
struct Box {
    let x: Double
    let y: Double
    let width: Double
    let height: Double

    init(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// Places values on a stretch of a picture.
struct Axis {
    let low: Double
    let high: Double
    let from: Double
    let to: Double

    /// Never of no width.
    init(_ low: Double, _ high: Double, from: Double, to: Double) {
        self.low = low
        self.high = high > low ? high : low + 1
        self.from = from
        self.to = to
    }

    func place(_ value: Double) -> Double {
        from + (min(max(value, low), high) - low) / (high - low) * (to - from)
    }
}
