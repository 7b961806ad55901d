import ReckonModel

/// I-11: the facts on disk give the live state, bit for bit.
struct ReplayChecker {
    func replayed(_ isSame: Bool, _ sight: Sight, _ findings: inout Findings) {
        findings.coverage.note(.replayed)
        if !isSame {
            findings.breach("I-11", sight.now, "the facts give another state than the one that lived")
        }
    }
}
