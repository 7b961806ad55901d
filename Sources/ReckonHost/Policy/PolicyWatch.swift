import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSeal

/// Looks at the policy's directory again and again, and has it loaded once it has changed and stands still.
struct PolicyWatch: Sendable {
    private let engine: EngineHost
    private let every: Span

    init(_ engine: EngineHost, every: Span) {
        self.engine = engine
        self.every = every
    }

    /// Serves until its task is cancelled.
    ///
    /// What stands there at the start is what the start has loaded, or what an operator took away.
    func run() async {
        var known = await look()
        var last = known
        while (try? await Task.sleep(for: Duration(every))) != nil {
            let now = await look()
            defer { last = now }
            // Only what two looks in a row have shown the same: a file that is being written is another each time.
            guard now == last, now != known else { continue }
            let reply = await engine.reloadPolicy(.watch, reason: "the directory has changed")
            if case .busy = reply { continue }
            known = now
        }
    }

    /// What stands there, or why it cannot be read.
    private func look() async -> Result<String, PolicyProblem> {
        await engine.bench.readOnce(engine.parts.source.directory).map(\.fingerprint)
    }
}
