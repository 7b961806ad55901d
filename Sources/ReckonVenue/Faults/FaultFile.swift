import Foundation
import ReckonModel

/// Why a fault plan in a file can't be used; one line, with the place in the file.
package struct FaultFileRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

/// A fault plan as a JSON text.
///
/// The README of this folder shows the format.
package enum FaultFile {
    package static func plan(from text: String, named file: String) throws(FaultFileRefusal) -> FaultPlan {
        let written: WrittenPlan
        do {
            written = try JSONDecoder().decode(WrittenPlan.self, from: Data(text.utf8))
        } catch {
            throw FaultFileRefusal(description: "\(file): \(words(for: error))")
        }
        var rules: [FaultRule] = []
        for (index, row) in written.rules.enumerated() {
            do {
                rules.append(try row.rule())
            } catch {
                throw FaultFileRefusal(description: "\(file): rules[\(index)]: \(error.description)")
            }
        }
        let start = Span(seconds: written.start ?? 0)
        return FaultPlan(name: written.name ?? file, rules: rules).shifted(by: start)
    }

    private static func words(for error: any Error) -> String {
        guard let decoding = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch decoding {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        case .keyNotFound(let key, let found):
            return "key \"\(key.stringValue)\" is missing at \(place(found))"
        @unknown default: return "not readable as a fault plan"
        }
        return "\(context.debugDescription) at \(place(context))"
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
        return path.isEmpty ? "the top" : path.joined()
    }
}

/// The whole file.
private struct WrittenPlan: Decodable {
    let name: String?
    let start: Double?
    let rules: [WrittenRule]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name
        case start = "start_sec"
        case rules
    }

    init(from decoder: any Decoder) throws {
        try refuseUnknown(decoder, allowed: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        start = try container.decodeIfPresent(Double.self, forKey: .start)
        rules = try container.decode([WrittenRule].self, forKey: .rules)
    }
}

/// One rule of the file.
private struct WrittenRule: Decodable {
    let kind: String
    let scope: String?
    let symbol: String?
    let from: Double?
    let to: Double?
    let chance: [UInt64]?
    let every: Int?
    let milliseconds: Int64?
    let retryAfter: Int64?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind
        case scope
        case symbol
        case from = "from_sec"
        case to = "to_sec"
        case chance
        case every
        case milliseconds = "ms"
        case retryAfter = "retry_after_sec"
    }

    init(from decoder: any Decoder) throws {
        try refuseUnknown(decoder, allowed: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(String.self, forKey: .kind)
        scope = try container.decodeIfPresent(String.self, forKey: .scope)
        symbol = try container.decodeIfPresent(String.self, forKey: .symbol)
        from = try container.decodeIfPresent(Double.self, forKey: .from)
        to = try container.decodeIfPresent(Double.self, forKey: .to)
        chance = try container.decodeIfPresent([UInt64].self, forKey: .chance)
        every = try container.decodeIfPresent(Int.self, forKey: .every)
        milliseconds = try container.decodeIfPresent(Int64.self, forKey: .milliseconds)
        retryAfter = try container.decodeIfPresent(Int64.self, forKey: .retryAfter)
    }

    func rule() throws(FaultFileRefusal) -> FaultRule {
        guard let kind = FaultKind(rawValue: kind) else {
            throw refusal("kind", self.kind, FaultKind.allCases.map(\.rawValue))
        }
        guard let scope = FaultScope(rawValue: scope ?? "all") else {
            throw refusal("scope", self.scope ?? "", FaultScope.allCases.map(\.rawValue))
        }
        var rule = FaultRule(kind, try trigger(kind), scope: scope, milliseconds: milliseconds)
        rule.symbol = symbol.map { Symbol($0) }
        if rule.milliseconds < 0 || rule.milliseconds > 3_600_000 {
            throw FaultFileRefusal(description: "ms: found \(rule.milliseconds), allowed 0 to 3600000")
        }
        if let retryAfter {
            guard (0...3_600).contains(retryAfter) else {
                throw FaultFileRefusal(description: "retry_after_sec: found \(retryAfter), allowed 0 to 3600")
            }
            rule.retryAfterSeconds = retryAfter
        }
        return rule
    }

    private func trigger(_ kind: FaultKind) throws(FaultFileRefusal) -> FaultTrigger {
        let start = Span(seconds: from ?? 0)
        let end = to.map { Span(seconds: $0) }
        if start < .zero {
            throw FaultFileRefusal(description: "from_sec: found \(from ?? 0), allowed 0 and more")
        }
        if let end, end <= start {
            throw FaultFileRefusal(description: "to_sec: found \(to ?? 0), allowed more than from_sec")
        }
        if kind.isTimed || kind == .silentStream, chance != nil || every != nil {
            throw FaultFileRefusal(description: "\(kind.rawValue) takes from_sec and to_sec only")
        }
        switch (chance, every) {
        case (.some(let ratio), .none):
            guard ratio.count == 2, ratio[1] > 0, ratio[0] <= ratio[1] else {
                throw FaultFileRefusal(
                    description: "chance: found \(ratio), allowed [n, m] with n <= m, m > 0"
                )
            }
            return .chance(FaultChance(ratio[0], in: ratio[1], from: start, to: end))
        case (.none, .some(let count)):
            guard count > 0 else {
                throw FaultFileRefusal(description: "every: found \(count), allowed 1 and more")
            }
            return .every(count, from: start)
        case (.none, .none):
            guard let end else {
                throw FaultFileRefusal(description: "needs one of to_sec, chance or every")
            }
            return .window(from: start, to: end)
        case (.some, .some): throw FaultFileRefusal(description: "has both chance and every; choose one")
        }
    }

    private func refusal(_ key: String, _ found: String, _ allowed: [String]) -> FaultFileRefusal {
        FaultFileRefusal(
            description: "\(key): found \"\(found)\", allowed \(allowed.joined(separator: ", "))"
        )
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
}

/// A misspelt key must not pass for one that was left out.
private func refuseUnknown(_ decoder: any Decoder, allowed: [String]) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    guard let unknown = container.allKeys.map(\.stringValue).sorted().first(where: { !allowed.contains($0) })
    else {
        return
    }
    throw DecodingError.dataCorrupted(
        DecodingError.Context(
            codingPath: decoder.codingPath,
            debugDescription: "unknown key \"\(unknown)\", allowed \(allowed.joined(separator: ", "))"
        )
    )
}
