import CPolicyHost
import Foundation
import ReckonEngine

/// A policy's `cases.lua`: a chunk that returns a list of cases, run in the policies' own sandbox.
package struct CaseFile: Sendable {
    package let cases: [PolicyCase]

    package static let name = "cases.lua"

    /// Reads the cases beside a `policy.lua`; `nil` where there is no such file.
    package init?(besidePolicyIn path: String) throws(PolicyProblem) {
        let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        let bytes = try PolicyFile.contents(
            of: folder.appendingPathComponent(Self.name).path,
            name: Self.name,
            limit: POLICY_SOURCE_BYTES
        )
        guard let bytes else { return nil }
        try self.init(source: bytes)
    }

    package init(source bytes: [UInt8]) throws(PolicyProblem) {
        let file = PolicyFile(name: Self.name, module: "", bytes: bytes)
        if let wanted = try SourceRules.check(file).first {
            throw PolicyProblem(
                code: "case_require",
                file: Self.name,
                line: wanted.line,
                message: "cases stand by themselves; `require` is for policies"
            )
        }
        let host = try PolicyHost([file])
        var cases: [PolicyCase] = []
        while let value = try Self.item(cases.count + 1, of: host) {
            let next = try CaseReading(index: cases.count + 1).read(value)
            if cases.contains(where: { $0.name == next.name }) {
                throw PolicyProblem(
                    code: "case_name",
                    file: Self.name,
                    message: "two cases are named `\(next.name)`"
                )
            }
            cases.append(next)
        }
        self.cases = cases
    }

    private static func item(_ index: Int, of host: PolicyHost) throws(PolicyProblem) -> LuaValue? {
        let answer = host.item(index)
        if let fault = answer.fault {
            var problem = PolicyHost.problem(fault, code: "case_\(fault.code.rawValue)")
            if problem.line == 0 {
                let words = fault.message.replacingOccurrences(of: "the state", with: "case \(index)")
                    .replacingOccurrences(of: "the policy table", with: "a list of cases")
                problem = PolicyProblem(code: problem.code, file: name, message: words)
            }
            throw problem
        }
        guard !answer.state.isEmpty else { return nil }
        guard let value = LuaValue(decoding: answer.state) else {
            preconditionFailure("what the host encodes can be read")
        }
        return value
    }
}

extension PolicyHost {
    /// One item of the list that the chunk returns, in the encoding of states; empty past its end.
    func item(_ index: Int) -> PolicyAnswer {
        guard let outcome = policy_host_item(host, Int64(index)) else {
            preconditionFailure("the policy host answers every call")
        }
        return PolicyAnswer(outcome.pointee)
    }
}
