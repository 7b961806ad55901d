/// Exponential and logarithm from exactly rounded operations alone, so that a report has the same bits everywhere.
package enum Elementary {
    private static let ln2High = 6.931_471_803_691_238_16e-01
    private static let ln2Low = 1.908_214_929_270_587_70e-10

    /// Relative error below 1e-15 between -700 and 700; 0 below, infinite above 709.
    package static func exp(_ x: Double) -> Double {
        guard !x.isNaN else { return x }
        guard x < 709.7 else { return .infinity }
        guard x > -745 else { return 0 }
        let power = (x / (ln2High + ln2Low)).rounded()
        let rest = (x - power * ln2High) - power * ln2Low
        var sum = 1.0
        for step in stride(from: 18.0, through: 1, by: -1) { sum = 1 + rest / step * sum }
        return scaled(sum, by: Int(power))
    }

    /// Relative error below 1e-15 away from 1, absolute error below 1e-16 beside it.
    package static func log(_ x: Double) -> Double {
        guard x > 0 else { return x == 0 ? -.infinity : .nan }
        guard x < .infinity else { return .infinity }
        var power = Double(x.exponent)
        var part = x.significand
        if part > 1.414_213_562_373_095_1 {
            part /= 2
            power += 1
        }
        let ratio = (part - 1) / (part + 1)
        let square = ratio * ratio
        var sum = 0.0
        for step in stride(from: 25.0, through: 1, by: -2) { sum = sum * square + 1 / step }
        return power * ln2High + (power * ln2Low + 2 * ratio * sum)
    }

    /// Two steps, as a power below the normal range would be flushed to zero in one.
    private static func scaled(_ x: Double, by power: Int) -> Double {
        let half = power / 2
        return x * Double(sign: .plus, exponent: half, significand: 1)
            * Double(sign: .plus, exponent: power - half, significand: 1)
    }
}
