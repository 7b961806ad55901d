import ReckonEngine
package import ReckonModel

/// Runs a belief trace through a policy and the engine's guard, line by line.
///
/// A header sets parameters and limits and starts afresh; each tick gives one line of JSON. Same lines in,
/// same bytes out.
package struct TraceEvaluation {
    private let runtime: PolicyRuntime
    private let overrides: Table<String, Double>
    private let file: String
    private var walk: PolicyWalk
    private var traceName = ""
    private var lineNumber = 0
    /// What deserves a word without stopping the trace.
    package private(set) var warnings: [PolicyProblem] = []

    /// - Parameters:
    ///   - runtime: the policy; its state is reset by each header.
    ///   - overrides: parameters that win over a header's.
    ///   - file: the trace's name in problems.
    package init(_ runtime: PolicyRuntime, overrides: Table<String, Double>, file: String) {
        self.runtime = runtime
        self.overrides = overrides
        self.file = file
        walk = PolicyWalk(runtime, digests: true)
    }

    /// What the policy logged at the last tick.
    package var log: [String] { runtime.log }

    /// Takes the next line; gives the line to print for a tick, nothing for a header or a blank line.
    package mutating func take(_ bytes: [UInt8]) throws(PolicyProblem) -> String? {
        lineNumber += 1
        guard bytes.contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { return nil }
        let line: TraceLine
        do {
            line = try TraceLine(reading: bytes)
        } catch {
            throw problem("trace_line", error.message)
        }
        switch line {
        case .header(let name, let parameters, let limits):
            try start(name, parameters, limits ?? .trial)
            return nil
        case .tick(let now, let belief):
            return try evaluate(belief, at: now)
        }
    }

    private func problem(_ code: String, _ message: String) -> PolicyProblem {
        PolicyProblem(code: code, file: file, line: lineNumber, message: message)
    }

    private mutating func start(
        _ name: String,
        _ parameters: Table<String, Double>,
        _ limits: GuardLimits
    ) throws(PolicyProblem) {
        var values: Table<String, Double> = Table()
        for (name, value) in parameters {
            if runtime.parameters.declares(name) { values[name] = value } else { warn(unknown: name) }
        }
        for (name, value) in overrides { values[name] = value }
        do {
            try runtime.setParameters(values)
        } catch {
            throw problem(error.code, error.message)
        }
        runtime.reset()
        walk = PolicyWalk(runtime, limits: limits, digests: true)
        traceName = name
    }

    /// A trace recorded for another policy may set what this one does not have; said once per name.
    private mutating func warn(unknown name: String) {
        let message = "the policy has no parameter `\(name)`; the header's value is left out"
        guard !warnings.contains(where: { $0.message == message }) else { return }
        warnings.append(
            PolicyProblem(.warning, code: "param_unknown", file: file, line: lineNumber, message: message)
        )
    }

    private mutating func evaluate(_ belief: Belief, at now: Double) throws(PolicyProblem) -> String {
        if let last = walk.lastNow, now < last {
            throw problem("trace_time", "`now` is \(now), before the last tick's \(last)")
        }
        let step = walk.step(belief, at: now)
        return text(step.verdict, step.enforcement, now: now)
    }

    private func text(_ verdict: PolicyVerdict, _ enforcement: Enforcement, now: Double) -> String {
        let fault = enforcement.fault.map { fault in
            JSONText.object([
                ("code", JSONText.string(fault.code.rawValue)),
                ("message", JSONText.string(fault.message)),
            ])
        }
        return JSONText.object([
            ("trace", JSONText.string(traceName)),
            ("now", JSONText.number(now)),
            ("raw", verdict.knobs?.json ?? "null"),
            ("enforced", enforcement.enforced.json),
            ("held", JSONText.array(enforcement.held.map(JSONText.string))),
            ("clamped", JSONText.array(enforcement.clamped.map(JSONText.string))),
            ("fault", fault ?? "null"),
            ("instructions", "\(verdict.instructions)"),
        ])
    }
}
