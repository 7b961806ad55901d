import ReckonEngine
import ReckonExchange
import ReckonModel
import Testing

@Suite("A walk through three doors", .serialized)
struct WalkTests {
    /// What the walks of one seed met, so that a walk that meets nothing is found out.
    struct Met {
        var answers: Table<String, Int> = Table()
        var told: Table<String, Int> = Table()

        mutating func count(_ said: Said) {
            if said.answer != nil { answers[WalkTests.kind(Short.text(said.answer)), default: 0] += 1 }
            for case .report(let report) in said.stream {
                let word = (report.isConditional ? "algo " : "") + report.status.rawValue
                told[word, default: 0] += 1
                if let reason = report.reason { told[reason, default: 0] += 1 }
            }
        }
    }

    private static func kind(_ text: String) -> String { String(text.split(separator: " ").first ?? "-") }

    @Test("whatever is asked in whatever order, all doors say the same, step by step")
    func walks() async throws {
        var met = Met()
        for seed in UInt64(1)...18 {
            do {
                try await walk(seed, steps: 160, &met)
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
        let refusals = [
            "-1021", "-1111", "-1121", "-2011", "-2013", "-2019", "-2021", "-2022", "-4014", "-4016", "-4024",
            "-4028", "-4116", "-4130", "-4164", "-5021", "-5022",
        ]
        for code in refusals { #expect(met.answers[code] != nil, "no walk met \(code)") }
        let words = [
            "new", "partiallyFilled", "filled", "cancelled", "expired", "algo new", "algo triggered",
            "algo finished", "algo cancelled", "algo expired", "algo rejected", "forced by the venue",
            "displaced by a reduce-only order or a reversal", "remainder of a market order",
            "remainder of an immediate-or-cancel order",
        ]
        for word in words { #expect(met.told[word] != nil, "no walk met \(word)") }
    }

    @Test("whatever is asked of a hedged account, all doors say the same, and no leg flips")
    func hedgedWalks() async throws {
        var met = Met()
        for seed in UInt64(1)...18 {
            do {
                try await walk(seed, steps: 160, isHedged: true, &met)
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
        let refusals = [
            "-1021", "-1111", "-1121", "-2011", "-2013", "-2019", "-2021", "-2022", "-4028", "-4061", "-4116",
            "-4130", "-4138", "-4164", "-5021", "-5022",
        ]
        for code in refusals { #expect(met.answers[code] != nil, "no walk met \(code)") }
        let words = [
            "filled", "cancelled", "expired", "algo triggered", "algo finished", "algo expired",
            "forced by the venue", "displaced by a reduce-only order or a reversal",
        ]
        for word in words { #expect(met.told[word] != nil, "no walk met \(word)") }
    }

    private func walk(
        _ seed: UInt64,
        steps: Int,
        isHedged: Bool = false,
        _ met: inout Met
    ) async throws {
        var walk = Walk(seed: seed, isHedged: isHedged)
        let premises = Premises.lively(seed)
        try await Player.play(on: isHedged ? premises.hedged : premises) { player in
            for number in 1...steps {
                met.count(try await player.play(walk.step(player.exchange)))
                guard number % 20 == 0 else { continue }
                for list in [Step.positions, .orders, .stops] { try await player.play(list) }
            }
            var lists = [Step.allOrders, .allStops]
            if isHedged { lists += [Step.allOrders.long, .allOrders.short, .allStops.long, .allStops.short] }
            for list in lists { try await player.play(list) }
            for row in player.exchange.record.positions where row.symbol.leg != nil {
                #expect(row.symbol.leg == .long ? !row.quantity.isNegative : !row.quantity.isPositive)
            }
        }
    }
}
