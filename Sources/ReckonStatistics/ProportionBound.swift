/// The exact bound of Clopper and Pearson for how often something can happen that was seen a few times.
package enum ProportionBound {
    /// The greatest share under which `hits` or fewer in `count` still have a chance of `level`.
    package static func upper(hits: Int, of count: Int, level: Double) -> Double {
        guard count > 0, hits < count else { return 1 }
        guard hits >= 0, level > 0, level < 1 else { return 1 }
        var low = 0.0
        var high = 1.0
        for _ in 0..<200 {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { break }
            if chance(atMost: hits, of: count, share: middle) > level { low = middle } else { high = middle }
        }
        return high
    }

    /// Of so many hits or fewer.
    package static func chance(atMost hits: Int, of count: Int, share: Double) -> Double {
        guard share > 0 else { return 1 }
        guard share < 1 else { return hits >= count ? 1 : 0 }
        let odds = Elementary.log(share) - Elementary.log(1 - share)
        var logTerm = Double(count) * Elementary.log(1 - share)
        var sum = Elementary.exp(logTerm)
        for hit in stride(from: 1, through: min(hits, count), by: 1) {
            logTerm += Elementary.log(Double(count - hit + 1) / Double(hit)) + odds
            sum += Elementary.exp(logTerm)
        }
        return min(sum, 1)
    }
}
