package import ReckonModel

/// Everything that the operator sets for the core.
package struct EngineConfiguration: Sendable, Codable, Hashable {
    /// 1 to 8 characters of `a-z 0-9`; part of every client order id.
    package var engineID: String
    package var symbols: [Symbol]
    package var limits: GuardLimits
    package var guardSettings = GuardSettings()
    package var router = RouterRules()
    package var fence = FenceRules()
    package var protection = ProtectionRules()
    package var flatten = FlattenRules()
    /// The venue's dead-man switch; off unless set.
    package var deadMan: DeadManRules?
    package var reconcileEvery: Span = .seconds(5)
    /// A round's answers that are missing by then count as failed.
    package var roundWithin: Span = .seconds(4)
    /// What a stream's hint waits before a round is asked for.
    package var hintDelay: Span = .milliseconds(500)
    /// Two rounds lie at least this far apart, hinted or not.
    package var roundSpacing: Span = .seconds(1)
    package var evidence = EvidenceRules()
    package var rounds = RoundRules()
    package var repairs = RepairRules()
    package var pacing = PacingRules()
    package var external = ExternalRules()
    /// How the margin of every symbol is to stand; absent where whatever is set will do.
    package var marginMode: MarginMode?
    /// Whether a halt or RED also takes the working rest of entries off the book.
    package var cancelsEntriesOnHalt: Bool = true
    /// An entry that its caller issued longer ago is refused.
    package var maxIntentAge: Span = .seconds(60)

    package init(engineID: String, symbols: [Symbol], limits: GuardLimits) {
        self.engineID = engineID
        self.symbols = symbols
        self.limits = limits
    }
}

/// How a symbol's margin stands.
package enum MarginMode: String, Sendable, Codable, Hashable, CaseIterable {
    case crossed
    case isolated
}

/// When evidence is fresh and when it is worth nothing.
package struct EvidenceRules: Sendable, Codable, Hashable {
    /// Ages between which a source's score falls from 1 to 0.
    package struct Ramp: Sendable, Codable, Hashable {
        package var warn: Span
        package var critical: Span

        package init(warn: Span, critical: Span) {
            self.warn = warn
            self.critical = critical
        }

        package func score(_ age: Span) -> Double {
            if age <= warn { return 1 }
            if age >= critical { return 0 }
            return (critical - age).seconds / (critical - warn).seconds
        }
    }

    package var stream = Ramp(warn: .seconds(20), critical: .seconds(90))
    package var rest = Ramp(warn: .seconds(60), critical: .seconds(240))
    package var fills = Ramp(warn: .seconds(90), critical: .seconds(480))
    /// Entries are refused once the venue's lists are older than this.
    package var maxEntryEvidenceAge: Span = .seconds(30)
    /// A source scoring below this says nothing about another.
    package var trustedFrom = 0.55

    package init() {}
}
