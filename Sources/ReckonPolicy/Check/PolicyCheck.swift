import ReckonModel

/// Everything that can be said about a policy before it trades: load problems, suspicious names, a dry run.
package struct PolicyCheck: Sendable {
    /// What the policy table says about itself, where it could be read.
    package struct Identity: Sendable, Hashable {
        package let name: String
        package let version: String?
        package let api: Int
        package let digest: String
    }

    package private(set) var problems: [PolicyProblem] = []
    package private(set) var identity: Identity?
    /// The most instructions that one evaluation of the dry run took.
    package private(set) var mostInstructions: Int64 = 0

    package var isSound: Bool { !problems.contains { $0.severity == .error } }

    /// Reads and checks a directory; problems are collected, never thrown.
    package init(directory path: String) {
        do throws(PolicyProblem) {
            check(try PolicyDirectory(reading: path))
        } catch {
            problems = [error]
        }
    }

    /// Checks a policy that has been read.
    package init(_ directory: PolicyDirectory) { check(directory) }

    private mutating func check(_ directory: PolicyDirectory) {
        do throws(PolicyProblem) {
            let runtime = try PolicyRuntime(directory)
            identity = Identity(
                name: runtime.name,
                version: runtime.version,
                api: runtime.api,
                digest: directory.digest
            )
            checkTable(runtime)
            let run = DryRun(runtime)
            mostInstructions = run.mostInstructions
            problems += run.problems
            try checkRepeats(run, directory)
            checkParameters(directory, runtime)
        } catch {
            problems.append(error)
        }
        // Names are resolved only in source that Lua itself could read.
        if !problems.contains(where: { $0.code == "syntax" }) {
            for file in directory.files { problems += SourceCheck.problems(in: file) }
        }
        problems.sort { ($0.file, $0.line, $0.code, $0.message) < ($1.file, $1.line, $1.code, $1.message) }
    }

    private mutating func checkTable(_ runtime: PolicyRuntime) {
        if let field = runtime.unknownField {
            warn(
                "unknown_field",
                "the policy table has the field `\(field)`, which the contract does not know"
            )
        }
        for parameter in runtime.parameters.declared {
            if parameter.unit.isEmpty { warn("param_unit", "parameter `\(parameter.name)` names no unit") }
            if parameter.doc.isEmpty { warn("param_doc", "parameter `\(parameter.name)` has no doc") }
        }
    }

    private mutating func warn(_ code: String, _ message: String) {
        problems.append(PolicyProblem(.warning, code: code, file: "policy.lua", message: message))
    }

    /// Values at the ends of their ranges must do too: `--set`, the configuration and sweeps may choose them.
    private mutating func checkParameters(_ directory: PolicyDirectory, _ runtime: PolicyRuntime) {
        let tokens = directory.files.flatMap { LuaLexer.tokens(of: $0.bytes) }
        for parameter in runtime.parameters.declared {
            // One mention is its own declaration.
            if tokens.count(where: { $0.text == parameter.name }) < 2 {
                warn("param_unused", "nothing reads the parameter `\(parameter.name)`")
            }
            for value in Set([parameter.range.lowerBound, parameter.range.upperBound]).sorted() {
                guard let problem = fault(runtime, parameter.name, value) else { continue }
                problems.append(
                    PolicyProblem(
                        code: "param_fault",
                        file: problem.file,
                        line: problem.line,
                        message:
                            "with `\(parameter.name)` at \(LuaText.number(value)), which its range allows: "
                            + problem.message
                    )
                )
            }
        }
        try? runtime.setParameters(Table())
    }

    private func fault(_ runtime: PolicyRuntime, _ name: String, _ value: Double) -> PolicyProblem? {
        var values: Table<String, Double> = Table()
        values[name] = value
        guard (try? runtime.setParameters(values)) != nil else { return nil }
        runtime.reset()
        return DryRun(runtime, every: 13).problems.first { $0.severity == .error }
    }

    /// A second host, with another hash seed, must say the same.
    private mutating func checkRepeats(_ run: DryRun, _ directory: PolicyDirectory) throws(PolicyProblem) {
        let again = DryRun(try PolicyRuntime(directory))
        guard again.transcript != run.transcript else { return }
        problems.append(
            PolicyProblem(
                code: "not_repeatable",
                file: "policy.lua",
                message: "two runs over the same beliefs differ; look for `#` on tables with holes"
            )
        )
    }

    /// The whole result as `reckon policy check --json` prints it.
    package var json: String {
        let policy = identity.map { identity in
            JSONText.object([
                ("name", JSONText.string(identity.name)),
                ("version", identity.version.map(JSONText.string) ?? "null"),
                ("api", "\(identity.api)"),
                ("digest", JSONText.string(identity.digest)),
            ])
        }
        let rows = problems.map { problem in
            JSONText.object([
                ("severity", JSONText.string(problem.severity.rawValue)),
                ("code", JSONText.string(problem.code)),
                ("file", JSONText.string(problem.file)),
                ("line", "\(problem.line)"),
                ("message", JSONText.string(problem.message)),
            ])
        }
        return JSONText.object([
            ("ok", "\(isSound)"),
            ("policy", policy ?? "null"),
            ("problems", JSONText.array(rows)),
            (
                "instructions",
                JSONText.object([
                    ("most", "\(mostInstructions)"), ("allowed", "\(PolicyRuntime.instructionBudget)"),
                ])
            ),
        ])
    }
}
