import ReckonEngine
import ReckonModel

/// I-02, I-14: a key stands for one intent for ever, and nothing is taken on that no order could carry out.
struct IntakeChecker {
    private struct Asked {
        let intent: Intent
        let known: (id: IntentID, intent: Intent)?
    }

    private var taken = Lookup<String, IntentAcceptance>()
    private var asked = Lookup<Int64, Asked>()
    private var instruments = Lookup<Symbol, Instrument>()

    mutating func published(_ stamped: StampedFact) {
        guard case .intentAccepted(let acceptance) = stamped.fact else { return }
        taken[acceptance.intent.key] = acceptance
    }

    /// The engine is about to be told something.
    mutating func told(_ input: Input) {
        switch input {
        case .instruments(let rows): for row in rows { instruments[row.symbol] = row }
        case .intent(let submission):
            let known = taken[submission.intent.key].map { ($0.id, $0.intent) }
            asked[submission.ticket] = Asked(intent: submission.intent, known: known)
        default: break
        }
    }

    /// The process has died; whoever waited for an answer gets none.
    mutating func died() { asked.removeAll() }

    /// A caller has its answer.
    mutating func answered(_ ticket: Int64, _ answer: Answer, _ sight: Sight, _ findings: inout Findings) {
        guard let question = asked[ticket] else { return }
        asked[ticket] = nil
        let key = question.intent.key
        if let known = question.known {
            guard let wrong = wrong(answer, to: question.intent, known) else { return }
            return findings.breach(
                "I-02",
                sight.now,
                "key \(key) stands for intent \(known.id), and \(wrong)"
            )
        }
        switch answer {
        case .refused(let refusal) where refusal.rule == .keyReused:
            findings.breach("I-02", sight.now, "key \(key) is new and refused as a used one")
        case .accepted(let receipt) where receipt.isRepeat || taken[key]?.id != receipt.intent:
            findings.breach("I-02", sight.now, "key \(key) is new and answered as intent \(receipt.intent)")
        case .accepted:
            guard let fault = fault(of: question.intent, sight.now) else { return }
            findings.breach("I-14", sight.now, "intent \(key) is taken on with \(fault)")
        case .done, .refused: break
        }
    }

    private func wrong(_ answer: Answer, to intent: Intent, _ known: (id: IntentID, intent: Intent))
        -> String?
    {
        if intent == known.intent {
            if case .accepted(let receipt) = answer, receipt.isRepeat, receipt.intent == known.id {
                return nil
            }
            return "the same body is not answered as before"
        }
        if case .refused(let refusal) = answer, refusal.rule == .keyReused { return nil }
        return "another body under it is not refused for that"
    }

    // MARK: What no order could carry out

    private func fault(of intent: Intent, _ now: Instant) -> String? {
        if intent.key.isEmpty || intent.key.utf8.count > 128 {
            return "a key of \(intent.key.utf8.count) bytes"
        }
        guard let instrument = instruments[intent.symbol] ?? instruments[intent.symbol.instrument] else {
            return "a symbol that nobody trades"
        }
        switch intent {
        case .entry(let entry): return fault(of: entry, instrument, now)
        case .exit(let exit): return fault(of: exit, instrument)
        case .protect(let protect):
            return protect.stop == nil && protect.takeProfit == nil ? "nothing to place" : nil
        }
    }

    private func fault(of entry: EntryIntent, _ instrument: Instrument, _ now: Instant) -> String? {
        if let fault = fault(ofLifetime: entry.lifetime) { return fault }
        if let fault = fault(of: entry.pricing, instrument) { return fault }
        if let issuedAt = entry.issuedAt, now - issuedAt > .seconds(60) {
            return "an age of \((now - issuedAt).seconds) s"
        }
        if let leverage = entry.leverage, leverage < 1 { return "leverage \(leverage)" }
        switch entry.sizing {
        case .quantity(let quantity): return fault(of: quantity, instrument)
        case .notional(let notional): return notional.isPositive ? nil : "notional \(notional)"
        }
    }

    private func fault(of exit: ExitIntent, _ instrument: Instrument) -> String? {
        if let fault = fault(ofLifetime: exit.lifetime) { return fault }
        if let fault = fault(of: exit.pricing, instrument) { return fault }
        guard case .reduce(let quantity) = exit.extent else { return nil }
        return fault(of: quantity, instrument)
    }

    private func fault(ofLifetime lifetime: Span) -> String? {
        lifetime > .zero && lifetime <= .seconds(30 * 86_400) ? nil : "a lifetime of \(lifetime.seconds) s"
    }

    private func fault(of pricing: Pricing, _ instrument: Instrument) -> String? {
        guard case .limit(let price, _) = pricing else { return nil }
        let isOnTick = price.isPositive && price.rounded(.down, toMultipleOf: instrument.tickSize) == price
        return isOnTick ? nil : "price \(price)"
    }

    private func fault(of quantity: Quantity, _ instrument: Instrument) -> String? {
        let isWhole =
            quantity.isPositive && quantity.rounded(.down, toMultipleOf: instrument.stepSize) == quantity
        return isWhole ? nil : "quantity \(quantity)"
    }
}
