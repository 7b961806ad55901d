/// The standard normal distribution.
package enum NormalDistribution {
    private static let rootOfTwoPi = 2.506_628_274_631_000_502

    /// The share below `x`; relative error below 1e-13, in the far tail too.
    package static func share(below x: Double) -> Double {
        guard !x.isNaN else { return x }
        if x > 3 { return 1 - tail(beyond: x) }
        if x < -3 { return tail(beyond: -x) }
        var term = x
        var sum = x
        var odd = 1.0
        while term.magnitude > 1e-18 * max(sum.magnitude, 1e-300) {
            odd += 2
            term *= x * x / odd
            sum += term
        }
        return 0.5 + sum * density(x)
    }

    /// Where the share below is `share`: infinite at 0 and 1.
    ///
    /// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988).
    package static func quantile(_ share: Double) -> Double {
        guard share > 0 else { return share == 0 ? -.infinity : .nan }
        guard share < 1 else { return share == 1 ? .infinity : .nan }
        let centred = share - 0.5
        if centred.magnitude <= 0.425 {
            let r = 0.180_625 - centred * centred
            return centred * centre.value(at: r)
        }
        let small = centred < 0 ? share : 1 - share
        let root = (-Elementary.log(small)).squareRoot()
        let value = root <= 5 ? shoulder.value(at: root - 1.6) : far.value(at: root - 5)
        return centred < 0 ? -value : value
    }

    private static func density(_ x: Double) -> Double { Elementary.exp(-x * x / 2) / rootOfTwoPi }

    /// Laplace's continued fraction, from its end.
    private static func tail(beyond x: Double) -> Double {
        guard x < 40 else { return 0 }
        var fraction = x
        for step in stride(from: 200.0, through: 1, by: -1) { fraction = x + step / fraction }
        return density(x) / fraction
    }

    /// A quotient of two polynomials, constants first.
    private struct Quotient {
        let above: [Double]
        let below: [Double]

        func value(at x: Double) -> Double {
            above.reversed().reduce(0) { $0 * x + $1 } / below.reversed().reduce(0) { $0 * x + $1 }
        }
    }

    private static let centre = Quotient(
        above: [
            3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
            1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
            3.3430575583588128105e+4, 2.5090809287301226727e+3,
        ],
        below: [
            1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
            2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4,
            5.2264952788528545610e+3,
        ]
    )

    private static let shoulder = Quotient(
        above: [
            1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
            3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
            2.27238449892691845833e-2, 7.74545014278341407640e-4,
        ],
        below: [
            1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
            1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
            1.05075007164441684324e-9,
        ]
    )

    private static let far = Quotient(
        above: [
            6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
            2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
            2.71155556874348757815e-5, 2.01033439929228813265e-7,
        ],
        below: [
            1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
            7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
            2.04426310338993978564e-15,
        ]
    )
}
