package import ReckonModel

/// A telemetry event: a stable name and flat keys.
///
/// Facts are the record; notices are for eyes and alarms.
package struct Notice: Sendable, Codable, Hashable {
    package enum Name: String, Sendable, Codable, Hashable, CaseIterable {
        case beliefState = "execution.belief_state"
        case reconcileSummary = "reconcile.summary"
        case orderRetry = "order.retry"
        case orderCreate = "order.create"
        case orderCreateFailed = "order.create_failed"
        case orderCancel = "order.cancel"
        case orderDoubt = "order.doubt"
        case orderResolved = "order.resolved"
        case entryRefused = "entry.refused"
        case protectionPlaced = "protection.placed"
        case protectionNaked = "protection.naked"
        case protectionTightened = "protection.tightened"
        case policyVerdict = "policy.verdict"
        case policyFault = "policy.fault"
        case policyLoaded = "policy.loaded"
        case policyRolledBack = "policy.rolled_back"
        case policyRefused = "policy.refused"
        case policyQuarantined = "policy.quarantined"
        case modeChanged = "mode.changed"
        case killSwitchTripped = "kill_switch.tripped"
        case operatorCommand = "operator.command"
        case exitOverdue = "exit.overdue"
        case journalDown = "journal.down"
        case orderReplace = "order.replace"
        case replaceGaveUp = "replace.gave_up"
        case cancelOverdue = "cancel.overdue"
        case flattenDone = "flatten.done"
        case accountShared = "account.shared"
        case countdownFired = "countdown.fired"
        case positionExternal = "position.external"
        case positionForced = "position.forced"
        case repairFailed = "repair.failed"
        case settingDrift = "setting.drift"
        case reconcileStretched = "reconcile.stretched"
        case venuePause = "venue.pause"
    }

    package let name: Name
    package let correlation: CorrelationID?
    package let symbol: Symbol?
    package let fields: [Field]

    /// One flat key with its value as text.
    package struct Field: Sendable, Codable, Hashable {
        package let key: String
        package let value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    package init(
        _ name: Name,
        correlation: CorrelationID? = nil,
        symbol: Symbol? = nil,
        _ fields: [Field] = []
    ) {
        self.name = name
        self.correlation = correlation
        self.symbol = symbol
        self.fields = fields
    }
}
