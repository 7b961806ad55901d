package import ReckonModel

/// A parameter as the policy declares it.
package struct PolicyParameter: Sendable, Codable, Hashable {
    package let name: String
    package let initial: Double
    package let range: ClosedRange<Double>
    package let unit: String
    package let doc: String
}

/// The values in force: declared defaults under checked overrides.
package struct PolicyParameters: Sendable, Hashable {
    package let declared: [PolicyParameter]
    package private(set) var values: Table<String, Double> = Table()

    init(declared: [PolicyParameter]) {
        self.declared = declared
        for parameter in declared { values[parameter.name] = parameter.initial }
    }

    package func declares(_ name: String) -> Bool { declared.contains { $0.name == name } }

    /// These parameters with some values replaced; all other values are the defaults.
    package func overridden(by overrides: Table<String, Double>) throws(PolicyProblem) -> PolicyParameters {
        var result = PolicyParameters(declared: declared)
        for (name, value) in overrides {
            guard let parameter = declared.first(where: { $0.name == name }) else {
                let known = declared.map(\.name).joined(separator: ", ")
                throw PolicyProblem(
                    code: "param_unknown",
                    message: "the policy has no parameter `\(name)`; it has \(known.isEmpty ? "none" : known)"
                )
            }
            guard parameter.range.contains(value) else {
                throw PolicyProblem(
                    code: "param_range",
                    message: "parameter `\(name)` is \(value); allowed \(parameter.range.lowerBound)"
                        + " to \(parameter.range.upperBound)"
                )
            }
            result.values[name] = value + 0
        }
        return result
    }
}
