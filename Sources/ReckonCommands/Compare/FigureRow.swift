import ReckonModel
import ReckonStatistics

/// What is said of one figure in one scenario, or over all, of one challenger.
struct FigureRow: Sendable {
    /// How a row is decided.
    enum Method: String, Sendable {
        case signFlip = "sign-flip"
        /// Always valid, of a bounded figure's mean.
        case betting
        /// Always valid, of the direction alone.
        case direction = "wins-against-losses"
    }

    let sample: PairedSample
    let method: Method
    let p: Double
    /// Against "it is worse by the margin or more"; absent for figures that decide nothing.
    let pInferior: Double?
    /// Of the gain, where there are differences enough.
    let interval: ClosedRange<Double>?
    var pAdjusted: Double?
    var pInferiorAdjusted: Double?

    static let level = 0.05
    /// With fewer differences no interval is printed and nothing is decided.
    static let leastUnequal = 30

    init(_ sample: PairedSample, isUntilDecided: Bool) {
        self.sample = sample
        let seed = Dice.digest("\(sample.scenario) \(sample.figure.name) \(sample.challenger)", from: 1)
        let interval = FigureRow.interval(sample, seed: seed)
        guard isUntilDecided, sample.figure.isPrimary else {
            method = .signFlip
            self.interval = interval
            p = SignFlipTest(seed: seed).p(sample.gains)
            pInferior = sample.figure.isPrimary ? FigureRow.pInferior(sample, seed: seed) : nil
            return
        }
        if let bounds = sample.bounds {
            let bets = BettingSequence(sample.gains, range: bounds)
            method = .betting
            self.interval = bets.interval()
            p = bets.p(against: 0)
            pInferior = bets.pAbove(-sample.margin)
        } else {
            method = .direction
            self.interval = interval
            p = WinsAgainstLosses(sample.gains).p
            pInferior = WinsAgainstLosses(sample.gains.map { $0 + sample.margin }).pForWins
        }
    }

    var isDecided: Bool {
        guard let pAdjusted, pAdjusted <= FigureRow.level else { return false }
        return method != .signFlip || sample.unequal >= FigureRow.leastUnequal
    }

    /// Whether the challenger is shown to be worse by less than the margin, if at all.
    var isNonInferior: Bool {
        guard let pInferiorAdjusted, pInferiorAdjusted <= FigureRow.level else { return false }
        guard method == .signFlip else { return true }
        return (interval?.lowerBound ?? -rareLoss) >= -sample.margin
    }

    var challengerWins: Bool { isDecided && isFavourable }
    /// Decidedly worse, and not known to be so by less than matters.
    var challengerLoses: Bool { isDecided && !isFavourable && !isNonInferior }

    /// Which way it points, decided or not.
    var isFavourable: Bool {
        method == .direction ? WinsAgainstLosses(sample.gains).favoursWins : sample.meanGain > 0
    }

    /// The interval as one of differences, challenger less reference.
    var differences: ClosedRange<Double>? {
        guard let interval else { return nil }
        return sample.figure.better == .less
            ? (0 - interval.upperBound)...(0 - interval.lowerBound) : interval
    }

    /// With few differences no interval is worth its name: as often as a loss may be, at the largest value seen.
    private var rareLoss: Double {
        ProportionBound.upper(hits: sample.losses, of: sample.gains.count, level: FigureRow.level / 2)
            * sample.largest
    }

    private static func pInferior(_ sample: PairedSample, seed: UInt64) -> Double {
        let shifted = sample.gains.map { $0 + sample.margin }
        return min(1, 2 * SignFlipTest(seed: seed).pAbove(shifted))
    }

    private static func interval(_ sample: PairedSample, seed: UInt64) -> ClosedRange<Double>? {
        guard sample.unequal >= leastUnequal, let interval = BootstrapInterval(sample.gains, seed: seed)
        else { return nil }
        return interval.low...interval.high
    }
}
