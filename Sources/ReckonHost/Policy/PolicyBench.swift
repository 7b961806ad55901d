import Foundation
import ReckonEngine
package import ReckonModel
import ReckonPolicy
package import ReckonSeal

/// Where versions come from, and what they have to be.
package struct PolicySource: Sendable {
    package var directory: String
    /// The least revision apart, which the journal knows.
    package var rules: ReleaseRules
    /// Two readings so far apart have to be the same, or somebody is still writing.
    package var settle = Span.milliseconds(60)
    /// How often the directory is looked at; absent where nobody watches it.
    package var watchEvery: Span?

    package init(directory: String, rules: ReleaseRules = ReleaseRules()) {
        self.directory = directory
        self.rules = rules
    }
}

/// Reads, verifies, compiles and tries versions out on a thread of its own, away from whatever must not wait.
struct PolicyBench: Sendable {
    /// A version that may take over, and what would become of the state.
    struct Ready {
        let policy: LoadedPolicy
        let handover: LoadedPolicy.Handover
    }

    /// Reads a directory until two readings in a row agree.
    func read(_ path: String, settle: Span) async -> Result<ReleaseFiles, PolicyProblem> {
        var last = await readOnce(path)
        for _ in 0..<8 {
            try? await Task.sleep(for: Duration(settle))
            let next = await readOnce(path)
            if next == last { return next }
            last = next
        }
        return .failure(
            PolicyProblem(
                code: "directory_changing",
                message: "the files change while they are read; try again once they are written"
            )
        )
    }

    func readOnce(_ path: String) async -> Result<ReleaseFiles, PolicyProblem> {
        await withCheckedContinuation { continuation in
            PolicyBench.aside {
                do throws(PolicyProblem) {
                    continuation.resume(returning: .success(try ReleaseFiles(reading: path)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    /// Whether the files would be let in, before anything of them is run.
    func verify(_ files: ReleaseFiles, _ rules: ReleaseRules) -> Result<Int?, PolicyProblem> {
        do throws(PolicyProblem) {
            return .success(try ReleaseLoader.verify(files, rules)?.manifest.revision)
        } catch {
            return .failure(error)
        }
    }

    /// Compiles a policy and tries it out.
    func load(
        _ files: ReleaseFiles,
        _ rules: ReleaseRules
    ) async -> sending Result<LoadedPolicy, PolicyProblem> {
        await withCheckedContinuation { continuation in
            PolicyBench.aside {
                do throws(PolicyProblem) {
                    continuation.resume(returning: .success(try ReleaseLoader.load(files, rules)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    /// Compiles a version, tries it out, and lets it follow the one at work on trial.
    func make(
        _ files: ReleaseFiles,
        _ rules: ReleaseRules,
        after standing: PolicyStanding
    ) async -> sending Result<Ready, PolicyProblem> {
        await withCheckedContinuation { continuation in
            PolicyBench.aside {
                do throws(PolicyProblem) {
                    let loaded = try ReleaseLoader.load(files, rules)
                    let handover = try loaded.follow(standing)
                    continuation.resume(returning: .success(Ready(policy: loaded, handover: handover)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    /// Does something on a thread of its own, which stands behind the engine where cores are few.
    private static func aside(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            // On Linux this is of the calling thread alone; one that may not be lowered is as good as any.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
            body()
        }
        thread.name = "reckon.policy"
        thread.stackSize = 8 << 20
        thread.start()
    }
}
