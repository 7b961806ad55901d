import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy

/// Where a walk through beliefs comes from: a case, a trace, or nothing.
struct BeliefSource {
    struct Past {
        var ticks: [LeadTick] = []
        var limits = GuardLimits.trial
        var parameters: Table<String, Double> = Table()
    }

    let directory: String
    var example: String?
    var trace: String?

    func ticks() throws(PolicyProblem) -> Past {
        if let example { return try past(ofCase: example) }
        if let trace { return try past(ofTrace: trace) }
        return Past()
    }

    private func past(ofCase name: String) throws(PolicyProblem) -> Past {
        let cases = try CaseFile(besidePolicyIn: directory)?.cases ?? []
        guard let found = cases.first(where: { $0.name.contains(name) }) else {
            let known = cases.map { "`\($0.name)`" }.joined(separator: ", ")
            throw PolicyProblem(
                code: "no_case",
                file: "cases.lua",
                message: "no case is named `\(name)`; there are \(known.isEmpty ? "none" : known)"
            )
        }
        var past = Past(limits: found.limits, parameters: found.parameters)
        past.ticks = found.ticks.map { LeadTick(now: $0.now, belief: $0.belief) }
        if let pair = found.pair { past.ticks.append(LeadTick(now: pair.now, belief: pair.worse)) }
        return past
    }

    private func past(ofTrace path: String) throws(PolicyProblem) -> Past {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw PolicyProblem(code: "trace_unreadable", file: path, message: "the trace cannot be read")
        }
        var past = Past()
        let newline = UInt8(ascii: "\n")
        for (index, line) in bytes.split(separator: newline, omittingEmptySubsequences: false).enumerated()
        where line.contains(where: { $0 > 32 }) {
            switch try Self.line(Array(line), file: path, number: index + 1) {
            case .header(_, let parameters, let limits):
                past = Past(limits: limits ?? .trial, parameters: parameters)
            case .tick(let now, let belief):
                past.ticks.append(LeadTick(now: now, belief: belief))
            }
        }
        return past
    }

    private static func line(_ bytes: [UInt8], file: String, number: Int) throws(PolicyProblem) -> TraceLine {
        do {
            return try TraceLine(reading: bytes)
        } catch {
            throw PolicyProblem(code: "trace_line", file: file, line: number, message: error.message)
        }
    }

    /// A belief from JSON text, or from a file of it.
    static func belief(reading text: String) throws(PolicyProblem) -> Belief {
        let isInline = text.drop { $0.isWhitespace }.first == "{"
        let source = isInline ? text : (try? String(contentsOfFile: text, encoding: .utf8))
        guard let source else {
            throw PolicyProblem(code: "belief", file: text, message: "the belief's file cannot be read")
        }
        let line = try line(
            Array("{\"now\": 0, \"belief\": \(source)}".utf8),
            file: isInline ? "--belief" : text,
            number: 0
        )
        guard case .tick(_, let belief) = line else {
            throw PolicyProblem(code: "belief", message: "found a header, wanted a belief")
        }
        return belief
    }
}
