package import ReckonEngine
package import ReckonModel

extension Fact {
    /// Stable name of the case, as the journal's `kind` column and the event stream carry it.
    package var kind: String {
        switch self {
        case .started: "started"
        case .instrumentsLoaded: "instruments_loaded"
        case .intentAccepted: "intent_accepted"
        case .intentRefused: "intent_refused"
        case .intentWithdrawn: "intent_withdrawn"
        case .exitOverdue: "exit_overdue"
        case .exitSeriesEnded: "exit_series_ended"
        case .intentEnded: "intent_ended"
        case .orderPlanned: "order_planned"
        case .orderAdopted: "order_adopted"
        case .order(_, let fact): fact.kind
        case .positionCorrected: "position_corrected"
        case .coverPlanned: "cover_planned"
        case .coverFailed: "cover_failed"
        case .roundConcluded: "round_concluded"
        case .leverageKnown: "leverage_known"
        case .leverageWished: "leverage_wished"
        case .marginModeKnown: "margin_mode_known"
        case .repairMade: "repair_made"
        case .repairSeriesEnded: "repair_series_ended"
        case .positionForced: "position_forced"
        case .pauseAsked: "pause_asked"
        case .policyLoaded: "policy_loaded"
        case .policyChanged: "policy_changed"
        case .shadowCompared: "shadow_compared"
        case .verdictEnforced: "verdict_enforced"
        case .operatorCommanded: "operator_commanded"
        case .journalLatched: "journal_latched"
        case .journalRecovered: "journal_recovered"
        case .flatten: "flatten"
        case .sharing: "account_shared"
        case .replacement: "replacement"
        case .countdownFired: "countdown_fired"
        }
    }

    /// The intent that the fact itself names.
    package var intent: IntentID? {
        switch self {
        case .intentAccepted(let acceptance): acceptance.id
        case .intentWithdrawn(let id), .exitOverdue(let id), .exitSeriesEnded(let id),
            .intentEnded(let id, _), .replacement(let id, _):
            id
        case .orderPlanned(_, let intent, _): intent
        case .started, .instrumentsLoaded, .intentRefused, .orderAdopted, .order, .positionCorrected,
            .coverPlanned,
            .coverFailed, .roundConcluded, .leverageKnown, .leverageWished, .marginModeKnown,
            .repairMade, .repairSeriesEnded, .positionForced, .pauseAsked, .policyLoaded, .policyChanged,
            .shadowCompared, .verdictEnforced,
            .operatorCommanded,
            .journalLatched, .journalRecovered, .flatten, .sharing, .countdownFired:
            nil
        }
    }

    /// The order that the fact is about.
    package var order: ClientOrderID? {
        switch self {
        case .orderPlanned(let ticket, _, _), .orderAdopted(let ticket, _): ticket.id
        case .order(let id, _), .countdownFired(_, let id), .sharing(.found(let id, _, _)): id
        case .started, .instrumentsLoaded, .intentAccepted, .intentRefused, .intentWithdrawn, .exitOverdue,
            .exitSeriesEnded, .intentEnded, .positionCorrected, .coverPlanned, .coverFailed, .roundConcluded,
            .leverageKnown, .leverageWished, .marginModeKnown, .repairMade, .repairSeriesEnded,
            .positionForced,
            .pauseAsked, .policyLoaded, .policyChanged, .shadowCompared, .verdictEnforced,
            .operatorCommanded, .journalLatched,
            .journalRecovered, .flatten, .replacement:
            nil
        }
    }
}

extension OrderFact {
    fileprivate var kind: String {
        switch self {
        case .submitted: "order_submitted"
        case .setBack: "order_set_back"
        case .doubted: "order_doubted"
        case .asked: "order_asked"
        case .notFound: "order_not_found"
        case .absentFromHistory: "order_absent_from_history"
        case .reported: "order_reported"
        case .cancelWanted: "order_cancel_wanted"
        case .cancelSent: "order_cancel_sent"
        case .cancelSeriesEnded: "order_cancel_series_ended"
        case .duplicateAnswered: "order_duplicate_answered"
        case .refused: "order_refused"
        case .lapsed: "order_lapsed"
        case .gaveUp: "order_gave_up"
        case .abandoned: "order_abandoned"
        }
    }
}
