import Logging
import Metrics
import ReckonEngine
import ReckonModel

/// Turns notices into log lines with flat keys, and counts them.
struct Telemetry: Sendable {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func tell(_ notice: Notice) {
        Counter(label: "reckon_events_total", dimensions: [("event", notice.name.rawValue)]).increment()
        var metadata: Logger.Metadata = [:]
        for field in notice.fields { metadata[field.key] = "\(field.value)" }
        if let correlation = notice.correlation { metadata["correlation_id"] = "\(correlation)" }
        if let symbol = notice.symbol { metadata["symbol"] = "\(symbol)" }
        logger.log(level: Telemetry.level(of: notice.name), "\(notice.name.rawValue)", metadata: metadata)
    }

    private static func level(of name: Notice.Name) -> Logger.Level {
        switch name {
        case .beliefState, .policyVerdict: .debug
        case .reconcileSummary, .orderCreate, .orderCancel, .orderResolved, .protectionPlaced, .policyLoaded,
            .policyRolledBack, .operatorCommand, .entryRefused, .orderRetry, .orderReplace, .flattenDone:
            .info
        case .modeChanged, .orderCreateFailed, .orderDoubt, .policyFault, .policyRefused, .replaceGaveUp,
            .cancelOverdue,
            .countdownFired, .positionExternal, .settingDrift, .reconcileStretched, .venuePause,
            .protectionTightened:
            .warning
        case .protectionNaked, .killSwitchTripped, .exitOverdue, .journalDown, .accountShared,
            .positionForced, .policyQuarantined, .repairFailed:
            .error
        }
    }
}
