import Foundation
import ReckonModel
import ReckonStatistics
import Testing

/// Real differences of two policies, label swaps, and how often anything is decided then: nothing should be.
@Suite("Calibration: how often a comparison errs, and how often it sees", .serialized)
struct CalibrationTests {
    /// Gains of one figure in one scenario, seed by seed.
    struct Row {
        let scenario: String
        let figure: String
        let gains: [Double]

        var isBounded: Bool { figure == "admitted_share" }
        var unequal: Int { gains.count { $0 != 0 } }
    }

    private static let level = 0.05
    private static let leastUnequal = 30
    private static let repetitions = 2_000

    /// Kept from `reckon compare --csv`; `Reference/README.md` has the command.
    private static func rows() throws -> [Row] {
        let url = try #require(
            Bundle.module.url(forResource: "differences", withExtension: "csv", subdirectory: "Reference")
        )
        let text = try String(contentsOf: url, encoding: .utf8)
        let rows = text.split(separator: "\n").dropFirst().map { line -> Row in
            let parts = line.split(separator: ",").map(String.init)
            return Row(
                scenario: parts[0],
                figure: parts[1],
                gains: parts.dropFirst(2).compactMap { Double($0) }
            )
        }
        let most = rows.map(\.gains.count).max() ?? 0
        #expect(most >= 30 && rows.allSatisfy { $0.gains.count == most })
        #expect(rows.contains { $0.unequal == 0 } && rows.contains { (1..<20).contains($0.unequal) })
        return rows
    }

    /// Scaled means over scenarios, as the pooled rows are made.
    private static func pooled(_ rows: [Row]) -> [Row] {
        var figures: [String] = []
        for row in rows where !figures.contains(row.figure) { figures.append(row.figure) }
        return figures.map { figure in
            let own = rows.filter { $0.figure == figure }
            let scaled = own.map { row -> [Double] in
                let size = row.isBounded ? 1 : row.gains.reduce(0) { max($0, $1.magnitude) }
                return row.gains.map { size > 0 ? $0 / size / Double(own.count) : 0 }
            }
            let count = own.first?.gains.count ?? 0
            let gains = (0..<count).map { seed in scaled.reduce(0) { $0 + $1[seed] } }
            return Row(scenario: "all", figure: figure, gains: gains)
        }
    }

    /// Signs of one repetition: a seed's labels are swapped in all figures and scenarios at once.
    private static func swaps(_ count: Int, _ repetition: Int) -> [Bool] {
        var dice = Dice(seed: Dice.digest("swap \(repetition)", from: 5))
        return (0..<count).map { _ in dice.chance(1, in: 2) }
    }

    private static func swapped(_ gains: [Double], _ swaps: [Bool]) -> [Double] {
        zip(gains, swaps).map { $1 ? -$0 : $0 }
    }

    /// At most the level, but for three standard errors of this many repetitions.
    private static func allows(_ errors: Int, of repetitions: Int) -> Bool {
        let error = (level * (1 - level) / Double(repetitions)).squareRoot()
        return Double(errors) / Double(repetitions) <= level + 3 * error
    }

    /// The sums under flipped signs, once for all repetitions: swapping labels flips signs too, so they are the same for each.
    private struct Null {
        let sizes: [Double]
        let tolerance: Double
        let isDecidable: Bool

        init(_ row: Row) {
            let sums = FlippedSums(row.gains)
            var dice = Dice(seed: Dice.digest(row.scenario + row.figure, from: 2))
            sizes = sums.isEmpty ? [] : (0..<9_999).map { _ in sums.next(&dice).magnitude }.sorted()
            tolerance = sums.tolerance
            isDecidable = row.unequal >= CalibrationTests.leastUnequal
        }

        func p(_ sum: Double) -> Double {
            guard isDecidable else { return 1 }
            let bar = sum.magnitude - tolerance
            var low = 0
            var high = sizes.count
            while low < high {
                let middle = (low + high) / 2
                if sizes[middle] < bar { low = middle + 1 } else { high = middle }
            }
            return Double(sizes.count - low + 1) / Double(sizes.count + 1)
        }
    }

    private static func fixedErrors(_ rows: [Row]) -> Int {
        let nulls = rows.map { Null($0) }
        let count = rows.first?.gains.count ?? 0
        return (0..<repetitions).count { repetition in
            let signs = swaps(count, repetition).map { $0 ? -1.0 : 1 }
            let p = zip(rows, nulls).map { row, null -> Double in
                guard null.isDecidable else { return null.p(0) }
                var sum = 0.0
                for index in 0..<count { sum += signs[index] * row.gains[index] }
                return null.p(sum)
            }
            return Holm.adjusted(p).contains { $0 <= level }
        }
    }

    private static func sequentialErrors(_ rows: [Row], repetitions: Int) -> Int {
        let count = rows.first?.gains.count ?? 0
        let live = rows.filter { $0.unequal > 0 }
        return (0..<repetitions).count { repetition in
            let signs = swaps(count, repetition)
            let p = live.map { row -> Double in
                let gains = swapped(row.gains, signs)
                return row.isBounded
                    ? BettingSequence(gains, range: -1...1).p(against: 0) : WinsAgainstLosses(gains).p
            }
            let still = [Double](repeating: 1, count: rows.count - live.count)
            return Holm.adjusted(p + still).contains { $0 <= level }
        }
    }

    @Test("2,000 swaps of real labels: a false decision in the family of scenarios in one of twenty at most")
    func scenarios() throws {
        let errors = CalibrationTests.fixedErrors(try CalibrationTests.rows())
        #expect(CalibrationTests.allows(errors, of: CalibrationTests.repetitions), "\(errors)")
        print("calibration: scenarios, fixed: \(errors) of \(CalibrationTests.repetitions)")
    }

    @Test("2,000 swaps of real labels: a false decision in the pooled family in one of twenty at most")
    func pooled() throws {
        let rows = CalibrationTests.pooled(try CalibrationTests.rows())
        let errors = CalibrationTests.fixedErrors(rows)
        #expect(CalibrationTests.allows(errors, of: CalibrationTests.repetitions), "\(errors)")
        print("calibration: pooled, fixed: \(errors) of \(CalibrationTests.repetitions)")
    }

    @Test("2,000 swaps with a look after every single seed: still one of twenty at most")
    func sequential() throws {
        let rows = try CalibrationTests.rows()
        let pooled = CalibrationTests.pooled(rows)
        let single = CalibrationTests.sequentialErrors(rows, repetitions: CalibrationTests.repetitions)
        let joint = CalibrationTests.sequentialErrors(pooled, repetitions: CalibrationTests.repetitions)
        #expect(CalibrationTests.allows(single, of: CalibrationTests.repetitions), "\(single)")
        #expect(CalibrationTests.allows(joint, of: CalibrationTests.repetitions), "\(joint)")
        print(
            "calibration: any look: scenarios \(single), pooled \(joint) of \(CalibrationTests.repetitions)"
        )
    }

    @Test(
        "a lone row errs as often as the level says, so the families' small counts are Holm's and no blindness"
    )
    func lone() throws {
        for row in CalibrationTests.pooled(try CalibrationTests.rows()) where row.unequal >= 30 {
            let errors = CalibrationTests.fixedErrors([row])
            #expect(
                CalibrationTests.allows(errors, of: CalibrationTests.repetitions),
                "\(row.figure): \(errors)"
            )
            #expect(errors > CalibrationTests.repetitions / 50, "\(row.figure): \(errors)")
        }
    }

    @Test("the shared sums give what the test itself gives on swapped labels")
    func same() throws {
        for (index, row) in CalibrationTests.pooled(try CalibrationTests.rows()).enumerated() {
            guard row.unequal >= 30 else { continue }
            let gains = CalibrationTests.swapped(row.gains, CalibrationTests.swaps(row.gains.count, index))
            let shared = Null(row).p(gains.reduce(0, +))
            let own = SignFlipTest(seed: 3).p(gains)
            let error = (own * (1 - own) / 9_999).squareRoot()
            #expect((shared - own).magnitude <= 4 * error + 2e-4, "\(row.figure): \(shared), \(own)")
        }
    }

    @Test("a planted gain of a whole spread is seen in nearly every family, one of a tenth seldom")
    func power() throws {
        let rows = CalibrationTests.pooled(try CalibrationTests.rows())
        var seen: [String] = []
        var fixed: [Double] = []
        for tenths in [1, 2, 3, 5, 10] {
            let (found, atOnce) = CalibrationTests.power(rows, effect: Double(tenths) / 10)
            fixed.append(found)
            seen.append("\(Double(tenths) / 10): fixed \(found), any look \(atOnce)")
            #expect(atOnce <= found + 0.1)
        }
        print("calibration: power by planted gain in spreads: " + seen.joined(separator: "; "))
        #expect(fixed == fixed.sorted())
        #expect(fixed[4] > 0.95 && fixed[0] < 0.5)
    }

    /// How often a gain planted into the naked time alone, labels swapped before, is decided within its pooled family.
    private static func power(_ rows: [Row], effect: Double) -> (fixed: Double, anyLook: Double) {
        let repetitions = 200
        guard let target = rows.firstIndex(where: { $0.figure == "naked_seconds_p99" }) else { return (0, 0) }
        let gains = rows[target].gains
        let spread = (gains.reduce(0) { $0 + $1 * $1 } / Double(gains.count)).squareRoot()
        var fixed = 0
        var anyLook = 0
        for repetition in 0..<repetitions {
            let signs = swaps(gains.count, repetition)
            let planted = swapped(gains, signs).map { $0 + effect * spread }
            let one = SignFlipTest(seed: UInt64(repetition), flips: 9_999).p(planted)
            // The least of the family has to pass the level divided by the family's size.
            if one * Double(rows.count) <= level { fixed += 1 }
            if WinsAgainstLosses(planted).p * Double(rows.count) <= level { anyLook += 1 }
        }
        return (Double(fixed) / Double(repetitions), Double(anyLook) / Double(repetitions))
    }
}
