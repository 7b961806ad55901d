import ReckonModel

/// The faults that come by themselves, drawn on the virtual timeline before the start.
struct FaultSchedule: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case silence
        case disconnect
        case staleLists
        case outage
        case crash
        case policyFault
        case stopCancelled
        case handTrade
        case handClose
        case priceJump
    }

    struct Strike: Sendable {
        let kind: Kind
        let from: Instant
        let to: Instant
        /// Where in its kind's course it strikes.
        let dice: Dice
    }

    let strikes: [Strike]

    init(_ scenario: Scenario, draws: Draws, start: Instant) {
        var strikes: [Strike] = []
        for kind in Kind.allCases {
            let ambient = FaultSchedule.ambient(kind, scenario.faults)
            guard ambient.every > .zero else { continue }
            var dice = draws.dice("ambient", kind.rawValue)
            var at = Span.zero
            while true {
                at = at + Span(nanoseconds: dice.roll(in: 1...(ambient.every.nanoseconds * 2)))
                let lasting = Span(nanoseconds: dice.roll(in: 0...max(ambient.longest.nanoseconds, 1)))
                guard at + lasting < scenario.length else { break }
                let strike = Strike(
                    kind: kind,
                    from: start + at,
                    to: start + at + lasting,
                    dice: dice.child("\(strikes.count)")
                )
                strikes.append(strike)
                at = at + lasting
            }
        }
        self.strikes = strikes
    }

    private static func ambient(_ kind: Kind, _ rates: FaultRates) -> FaultRates.Ambient {
        switch kind {
        case .silence: rates.silence
        case .disconnect: rates.disconnect
        case .staleLists: rates.staleLists
        case .outage: rates.outage
        case .crash: rates.crash
        case .policyFault: rates.policyFault
        case .stopCancelled: rates.stopCancelled
        case .handTrade: rates.handTrade
        case .handClose: rates.handClose
        case .priceJump: rates.priceJump
        }
    }
}
