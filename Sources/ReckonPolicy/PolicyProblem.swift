/// What is wrong with a policy, a parameter or a trace: where, what, and under which stable code.
package struct PolicyProblem: Error, Sendable, Codable, Hashable {
    package enum Severity: String, Sendable, Codable, Hashable {
        case error
        case warning
    }

    package let severity: Severity
    /// Short and stable, free of dynamic text.
    package let code: String
    /// Name within the policy, such as `policy.lua` or `lib/ramp.lua`; empty where no file is at fault.
    package let file: String
    /// Counted from 1; 0 where no line is at fault.
    package let line: Int
    package let message: String

    package init(
        _ severity: Severity = .error,
        code: String,
        file: String = "",
        line: Int = 0,
        message: String
    ) {
        self.severity = severity
        self.code = code
        self.file = file
        self.line = line
        self.message = message
    }

    /// One line for a terminal: `policy.lua:3: error: … [code]`.
    package var text: String {
        var place = ""
        if !file.isEmpty { place = line > 0 ? "\(file):\(line): " : "\(file): " }
        return "\(place)\(severity.rawValue): \(message) [\(code)]"
    }
}
