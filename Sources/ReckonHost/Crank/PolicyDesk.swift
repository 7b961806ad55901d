package import ReckonEngine
package import ReckonModel
package import ReckonPolicy

/// Where the policy answers: beside the crank, so that no script ever holds it up.
package actor PolicyDesk {
    private let runtime: PolicyRuntime
    package nonisolated let card: PolicyCard

    /// Loads the policy of a directory.
    package init(
        reading directory: String,
        parameters: Table<String, Double> = Table()
    ) throws(PolicyProblem) {
        let runtime = try PolicyRuntime(try PolicyDirectory(reading: directory), overrides: parameters)
        self.runtime = runtime
        card = PolicyCard(
            directory: directory,
            identity: PolicyIdentity(
                name: runtime.name,
                version: runtime.version ?? "",
                digest: runtime.digest
            ),
            parameters: runtime.parameters.values
        )
    }

    func answer(_ question: PolicyQuestion) -> PolicyVerdict { runtime.evaluate(question) }
}

/// Which policy is loaded, from where, with which parameters.
package struct PolicyCard: Sendable, Hashable {
    package let directory: String
    package let identity: PolicyIdentity
    package let parameters: Table<String, Double>
}
