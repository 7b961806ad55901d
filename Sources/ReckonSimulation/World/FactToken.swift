import ReckonEngine
import ReckonModel

/// Facts in a trace and in the record of conduct: their canonical text, and the kind by which they are counted.
enum FactToken {
    static func text(_ fact: Fact) -> String {
        switch fact {
        case .started(let identity): "started \(identity.epoch)"
        case .intentAccepted(let acceptance): "accepted \(acceptance.id) \(acceptance.intent.key)"
        case .intentRefused(let key, let refusal): "refused \(key) \(refusal.rule.rawValue)"
        case .intentEnded(let id, let end): "ended \(id) \(end.kind.rawValue) \(end.executed) \(end.detail)"
        case .order(let id, let fact): "\(id) \(text(fact))"
        case .orderPlanned(let ticket, _, _):
            "planned \(ticket.id) \(ticket.symbol) \(ticket.role.rawValue) \(ticket.side.rawValue) \(ticket.quantity)"
        case .orderAdopted(let ticket, _): "adopted \(ticket.id) \(ticket.role.rawValue)"
        case .positionCorrected(let correction):
            "corrected \(correction.symbol) \(correction.kind.rawValue) \(correction.quantity)"
        case .coverPlanned(let plan): "cover \(plan.symbol) \(plan.side.rawValue) \(plan.trigger)"
        case .coverFailed(let symbol, let reason): "cover failed \(symbol) \(reason)"
        case .roundConcluded(let conclusion):
            "round \(conclusion.round) \(conclusion.isComplete) "
                + conclusion.differences.map { "\($0.symbol):\($0.kind.rawValue):\($0.isFenced)" }.joined(
                    separator: " "
                )
        case .verdictEnforced(let enforcement):
            "verdict \(enforcement.enforced.mode.rawValue) \(enforcement.enforced.allowEntries) "
                + "\(enforcement.enforced.maxNotional.bitPattern) \(enforcement.held.joined(separator: ","))"
        case .intentWithdrawn(let id): "withdrawn \(id)"
        case .exitOverdue(let id): "exit overdue \(id)"
        case .exitSeriesEnded(let id): "exit series ended \(id)"
        case .leverageKnown(let symbol, let leverage): "leverage \(symbol) \(leverage)"
        case .leverageWished(let symbol, let leverage): "leverage wished \(symbol) \(leverage)"
        case .marginModeKnown(let symbol, let isIsolated): "isolated \(symbol) \(isIsolated)"
        case .repairMade(let symbol, let kind): "repaired \(symbol) \(kind.rawValue)"
        case .repairSeriesEnded(let symbol, let kind): "repairs ended \(symbol) \(kind.rawValue)"
        case .positionForced(let close): "forced \(close.symbol) \(close.kind.rawValue) \(close.executed)"
        case .pauseAsked(let until): "pause asked until \(until.nanoseconds)"
        case .instrumentsLoaded: "instruments"
        case .policyLoaded(let identity): "policy \(identity.digest)"
        case .policyChanged(let change): "policy change by \(change.trigger.rawValue)"
        case .shadowCompared(let tally): "shadow \(tally.tick)"
        case .operatorCommanded(let command): "command \(command.reason)"
        case .journalLatched(let reason): "journal down \(reason)"
        case .journalRecovered: "journal well"
        case .flatten(let scope, .closing(let symbol)): "flatten \(scope.name) closes \(symbol)"
        case .flatten(let scope, .sawFlat): "flatten \(scope.name) saw flat"
        case .flatten(let scope, .sawOpen(let found)): "flatten \(scope.name) saw \(found)"
        case .flatten(let scope, .done): "flatten \(scope.name) done"
        case .sharing(.found(let id, _, let stranger)): "stranger \(id) \(stranger.rawValue)"
        case .replacement(let id, .wanted): "replacement \(id) wanted"
        case .replacement(let id, .applied(_, let quantity)): "replacement \(id) applied \(quantity)"
        case .replacement(let id, .gaveUp(let reason)): "replacement \(id) gave up \(reason)"
        case .countdownFired(let symbol, let id): "countdown \(symbol) took \(id)"
        }
    }

    private static func text(_ fact: OrderFact) -> String {
        switch fact {
        case .submitted(let attempt, _, _): "submitted \(attempt)"
        case .setBack(let failure): "set back \(failure.code)"
        case .doubted(let reason): "doubted \(reason)"
        case .asked: "asked"
        case .notFound(let conclusive): "not found \(conclusive)"
        case .absentFromHistory: "absent"
        case .reported(let report): "reported \(report.status.rawValue) \(report.executed)"
        case .cancelWanted: "cancel wanted"
        case .cancelSent(let attempt): "cancel \(attempt)"
        case .cancelSeriesEnded(let attempts): "cancels ended \(attempts)"
        case .duplicateAnswered: "duplicate"
        case .refused(let failure): "refused \(failure.code)"
        case .lapsed: "lapsed"
        case .gaveUp(let reason): "gave up \(reason)"
        case .abandoned(let rule): "abandoned \(rule.rawValue)"
        }
    }

    /// The sort of fact, for counting: without ids, numbers and what else changes from one to the next.
    static func kind(_ fact: Fact) -> String {
        switch fact {
        case .intentRefused(_, let refusal): "refused \(refusal.rule.rawValue)"
        case .intentEnded(_, let end): "ended \(end.kind.rawValue)"
        case .order(_, .reported(let report)): "order \(report.status.rawValue)"
        case .order(_, .gaveUp): "order gave up"
        case .order(_, let fact): "order \(leadingWord(text(fact)))"
        case .orderPlanned(let ticket, _, _): "planned \(ticket.role.rawValue)"
        case .orderAdopted(let ticket, _): "adopted \(ticket.role.rawValue)"
        case .positionCorrected(let correction): "corrected \(correction.kind.rawValue)"
        case .coverFailed: "cover failed"
        case .exitSeriesEnded: "exit series ended"
        case .leverageWished: "leverage wished"
        case .repairSeriesEnded: "repair series ended"
        case .verdictEnforced(let enforcement): "verdict \(enforcement.enforced.mode.rawValue)"
        case .journalRecovered: "journal well"
        case .flatten(_, .closing): "flatten closes"
        case .flatten(_, .sawFlat): "flatten saw flat"
        case .flatten(_, .sawOpen): "flatten saw open"
        case .flatten(_, .done): "flatten done"
        case .replacement(_, .wanted): "replacement wanted"
        case .replacement(_, .applied): "replacement applied"
        case .replacement(_, .gaveUp): "replacement gave up"
        default: leadingWord(text(fact))
        }
    }

    static func kind(_ answer: Answer) -> String {
        switch answer {
        case .accepted: "accepted"
        case .refused(let refusal): refusal.rule.rawValue
        case .done: "done"
        }
    }

    /// What of a fact counts as the engine's doing, beyond its kind and moment; `text` is the fact's own.
    static func words(_ fact: Fact, _ text: String) -> String {
        switch fact {
        // Digests of policies: other words for the same conduct.
        case .policyLoaded, .policyChanged: return ""
        case .verdictEnforced(let enforcement):
            let belief = enforcement.belief
            let seconds = [belief.debtSeconds, belief.unknownIntents.oldestSeconds, belief.naked.seconds]
            let scores = [belief.confidence, belief.evidence.confidence, belief.exposure.grossUSDT]
            let bits = (seconds + scores).map { "\($0.bitPattern)" }.joined(separator: " ")
            return
                "\(text) \(belief.debtSymbols) \(belief.mismatchStreak) \(belief.unknownIntents.count) \(bits)"
        default: return text
        }
    }

    private static func leadingWord(_ text: String) -> String { String(text.prefix { $0 != " " }) }
}
