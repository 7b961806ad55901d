/// One figure of a run: its fixed name, its value, its unit, and what it must not exceed.
package struct Figure: Sendable, Hashable {
    package let name: String
    package let value: Double
    package let unit: Unit
    /// Absent where the figure only informs.
    package let mustNotExceed: Double?

    package enum Unit: String, Sendable, Hashable {
        case count
        case seconds = "s"
        case notionalSeconds = "USDT·s"
        case notional = "USDT"
        /// 0…1.
        case share = ""
    }

    package init(_ name: String, _ value: Double, _ unit: Unit, mustNotExceed: Double? = nil) {
        self.name = name
        self.value = value
        self.unit = unit
        self.mustNotExceed = mustNotExceed
    }

    package init(_ name: String, count: Int, mustNotExceed: Double? = nil) {
        self.init(name, Double(count), .count, mustNotExceed: mustNotExceed)
    }

    package var holds: Bool { mustNotExceed.map { value <= $0 } ?? true }
}
