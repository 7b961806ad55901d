import ReckonEngine
import ReckonModel

/// I-06: whatever a policy does wrong, the answer is the tighter of the last knobs and {ORANGE, entries closed}.
struct FallbackChecker {
    private let settings: GuardSettings
    private let instructionBudget: Int64
    private var last: Knobs?
    private var inRow = 0
    /// Versions whose last answer was clean, the latest at work last.
    private var clean: [String] = []
    private var atWork: String?
    /// It faulted too often in a row, and nothing has been put to work since.
    private var isBarred = false

    init(_ settings: GuardSettings, instructionBudget: Int64) {
        self.settings = settings
        self.instructionBudget = instructionBudget
    }

    mutating func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .started: inRow = 0
        case .policyLoaded(let identity):
            inRow = 0
            // Put to work anew, it has to prove itself anew.
            if identity.digest != atWork { clean.removeAll { $0 == identity.digest } }
            atWork = identity.digest
            isBarred = false
        case .verdictEnforced(let enforcement):
            judge(enforcement, stamped.at, &findings)
            clean.removeAll { $0 == enforcement.policyDigest }
            isBarred = isBarred || inRow >= settings.faultLimit
            if enforcement.fault == nil, !isBarred { clean.append(enforcement.policyDigest) }
            last = enforcement.enforced
        default: break
        }
    }

    /// What takes the place of a version that faults is the last one that ran clean.
    func putsBack(_ versions: [PolicyIdentity], from: String, _ now: Instant, _ findings: inout Findings) {
        guard let expected = clean.last(where: { $0 != from }), versions.first?.digest != expected else {
            return
        }
        findings.breach("I-06", now, "not the last version that ran clean is to come back")
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
