import Foundation
import Testing

/// Values of SciPy, statsmodels and mpmath; `Reference/reference.py` says how they are made.
struct Reference: Decodable {
    struct Flips: Decodable {
        let sample: [Double]
        let p: Double
        let above: Double
    }

    struct Bootstrap: Decodable {
        let sample: [Double]
        let low: Double
        let high: Double
    }

    struct HolmRow: Decodable {
        let p: [Double]
        let adjusted: [Double]
    }

    struct Proportion: Decodable {
        let hits: Int
        let count: Int
        let level: Double
        let upper: Double
    }

    struct Mixture: Decodable {
        let wins: Int
        let losses: Int
        let log_capital: Double
    }

    struct Betting: Decodable {
        let sample: [Double]
        let mean: Double
        let above: Double
        let below: Double
    }

    let exp: [[Double]]
    let log: [[Double]]
    let share: [[Double]]
    let quantile: [[Double]]
    let flips: [Flips]
    let bootstrap: [Bootstrap]
    let holm: HolmRow
    let proportions: [Proportion]
    let mixture: [Mixture]
    let betting: [Betting]

    static func read() throws -> Reference {
        let url = try #require(
            Bundle.module.url(forResource: "reference", withExtension: "json", subdirectory: "Reference")
        )
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    }

    /// Holds where two numbers agree to the relative error, or both are tiny.
    static func agree(_ one: Double, _ other: Double, _ relative: Double = 1e-12) -> Bool {
        (one - other).magnitude <= relative * max(one.magnitude, other.magnitude) + 1e-300
    }
}
