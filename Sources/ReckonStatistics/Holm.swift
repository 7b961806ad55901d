/// Holm's correction: with it, the chance of even one false decision in the family stays within the level.
package enum Holm {
    /// Adjusted values in the order given, each to be held against the level itself.
    package static func adjusted(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var result = values
        var least = 0.0
        for (rank, index) in order.enumerated() {
            least = max(least, min(1, values[index] * Double(values.count - rank)))
            result[index] = least
        }
        return result
    }
}
