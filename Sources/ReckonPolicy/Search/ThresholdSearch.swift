import ReckonEngine
import ReckonModel

/// Finds where knobs change along an axis, by a coarse look and bisection of its steepest part.
struct ThresholdSearch {
    let limits: GuardLimits
    /// The knobs for a belief; `nil` where there are none.
    let ask: (Belief) -> Knobs?

    private static let points = 7
    private static let halvings = 18

    /// The place of a change, on its far side; `nil` where nothing changes.
    func threshold(_ base: Belief, along axis: SearchAxis, _ dice: inout Dice) -> Double? {
        guard var (low, high) = steepest(base, axis, &dice) else { return nil }
        for _ in 0..<Self.halvings {
            guard high.value - low.value > (axis.isWhole ? 1 : max(1e-9, abs(high.value) * 1e-5)) else {
                break
            }
            let middle = (low.value + high.value) / 2
            let value = axis.isWhole ? middle.rounded(.down) : middle
            guard let knobs = ask(axis.belief(base, at: value)) else { return nil }
            if distance(low.knobs, knobs) >= distance(knobs, high.knobs) {
                high = (value, knobs)
            } else {
                low = (value, knobs)
            }
        }
        return axis.isWhole ? high.value : Self.plain(high.value, within: high.value - low.value)
    }

    /// The plainest number that near: thresholds are mostly round, and policies err at the very number.
    private static func plain(_ value: Double, within width: Double) -> Double {
        var scale = 1.0
        for _ in 0..<6 {
            let rounded = (value * scale).rounded() / scale
            if abs(rounded - value) <= width { return rounded }
            scale *= 10
        }
        return value
    }

    private typealias Point = (value: Double, knobs: Knobs)

    private func steepest(_ base: Belief, _ axis: SearchAxis, _ dice: inout Dice) -> (Point, Point)? {
        // Looking at a part of the range only, now at a small and now at a large one, meets thresholds of any size.
        let top = max(dice.spread(over: axis.range), axis.isWhole ? 2 : 0)
        var points: [Point] = []
        for index in 0..<Self.points {
            let share = index == 0 ? 0 : (Double(index) - dice.share()) / Double(Self.points - 1)
            let value = axis.range.lowerBound + (top - axis.range.lowerBound) * share
            let place = axis.isWhole ? value.rounded() : value
            if let last = points.last, place <= last.value { continue }
            guard let knobs = ask(axis.belief(base, at: place)) else { return nil }
            points.append((place, knobs))
        }
        var best: (Point, Point)?
        var most = 0.0
        for (left, right) in zip(points, points.dropFirst()) {
            // Some luck, so that of several thresholds each has its turn.
            let found = distance(left.knobs, right.knobs) * (0.2 + dice.share())
            if found > most {
                most = found
                best = (left, right)
            }
        }
        return best
    }

    private func distance(_ left: Knobs, _ right: Knobs) -> Double {
        var sum = 0.0
        if left.mode != right.mode { sum += 10 }
        if left.allowEntries != right.allowEntries { sum += 10 }
        if left.killSwitchTrip != right.killSwitchTrip { sum += 10 }
        if left.symbols != right.symbols { sum += 2 }
        sum += abs(left.maxNotional - right.maxNotional) / max(limits.maxNotional, 1e-9)
        sum += Double(abs(left.maxLeverage - right.maxLeverage)) / Double(max(limits.maxLeverage, 1))
        sum += abs(left.minEntryConfidence - right.minEntryConfidence)
        sum += min(abs(left.entryCooldownSeconds - right.entryCooldownSeconds) / 60, 10)
        sum += Double(abs(left.maxOpenOrdersPerSymbol - right.maxOpenOrdersPerSymbol)) / 4
        return sum
    }
}
