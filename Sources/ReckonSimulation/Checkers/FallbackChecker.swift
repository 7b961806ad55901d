import ReckonEngine
import ReckonModel

/// I-06: whatever a policy does wrong, the answer is the tighter of the last knobs and {ORANGE, entries closed}.
struct FallbackChecker {
    private let settings: GuardSettings
    private let instructionBudget: Int64
    private var last: Knobs?
    private var inRow = 0

    init(_ settings: GuardSettings, instructionBudget: Int64) {
        self.settings = settings
        self.instructionBudget = instructionBudget
    }

    mutating func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .started: inRow = 0
        case .policyLoaded: inRow = 0
        case .verdictEnforced(let enforcement):
            judge(enforcement, stamped.at, &findings)
            last = enforcement.enforced
        default: break
        }
    }

    private mutating func judge(_ enforcement: Enforcement, _ now: Instant, _ findings: inout Findings) {
        if enforcement.instructions > instructionBudget {
            findings.breach("I-06", now, "the policy used \(enforcement.instructions) instructions")
        }
        guard let fault = enforcement.fault else {
            if enforcement.raw != nil { inRow = 0 }
            return
        }
        inRow += 1
        findings.coverage.note(.policyFault)
        let knobs = enforcement.enforced
        if knobs.allowEntries || knobs.mode < .orange || knobs.mode < last?.mode ?? .green {
            findings.breach(
                "I-06",
                now,
                "after \(fault.code.rawValue): \(knobs.mode.rawValue), entries \(knobs.allowEntries)"
            )
        }
        if let last, last.killSwitchTrip, !knobs.killSwitchTrip {
            findings.breach("I-06", now, "a fault cleared the kill switch")
        }
        guard inRow >= settings.faultLimit else { return }
        findings.coverage.note(.quarantined)
        if knobs.mode != .red {
            findings.breach("I-06", now, "\(inRow) faults in a row and \(knobs.mode.rawValue)")
        }
    }
}
