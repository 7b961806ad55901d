import CPolicyHost
import Foundation
import ReckonEngine
package import ReckonModel

/// What evaluations of a policy cost: time, instructions, bytes; beside the same work in a host without defences.
package struct PolicyBench: Sendable {
    /// Per evaluation.
    package struct Figures: Sendable {
        /// Nanoseconds: the middle one of the rounds.
        package let nanoseconds: Double
        /// The fastest and the slowest round.
        package let fastest: Double
        package let slowest: Double
    }

    package let name: String
    package let hardened: Figures
    /// The same chunk, arguments and decoding under the standard libraries and allocator, without hook and limits.
    package let plain: Figures
    package let instructions: Double
    package let mostInstructions: Int64
    package let bytes: Double
    package let evaluations: Int

    package var ratio: Double { hardened.nanoseconds / plain.nanoseconds }

    /// - Parameters:
    ///   - directory: the policy.
    ///   - overrides: parameters that are not the default.
    ///   - rounds: how often the trace is run through each host, in turns.
    /// - Throws: what keeps the policy from being loaded.
    package init(_ directory: PolicyDirectory, overrides: Table<String, Double>, rounds: Int)
        throws(PolicyProblem)
    {
        let runtime = try PolicyRuntime(directory, overrides: overrides)
        let work = Self.work(runtime, directory)
        let hosts = [
            BenchHost(try PolicyHost(directory.files), runtime.parameters),
            BenchHost(try PolicyHost(directory.files, isPlain: true), runtime.parameters),
        ]
        var times: [[Double]] = [[], []]
        for round in 0..<rounds + 1 {
            for index in hosts.indices {
                let spent = hosts[index].time(work)
                // The first round warms caches and branch predictors.
                if round > 0 { times[index].append(spent) }
            }
        }
        name = runtime.name
        hardened = Figures(times[0])
        plain = Figures(times[1])
        let counts = work.map(\.instructions)
        instructions = Double(counts.reduce(0, +)) / Double(counts.count)
        mostInstructions = counts.max() ?? 0
        bytes = hosts[0].bytesPerEvaluation
        evaluations = rounds * work.count * BenchHost.repeats
    }

    /// Seeded weather over some minutes, calm and troubled: each tick with the state that it meets.
    private static func work(_ runtime: PolicyRuntime, _ directory: PolicyDirectory) -> [BenchTick] {
        let words = PolicyWords(directory, runtime.parameters)
        var dice = Dice(seed: 1).child("policy bench")
        var weather = BeliefWeather()
        var walk = PolicyWalk(runtime)
        var now = 0.0
        return (0..<200).map { _ in
            let (seconds, belief) = weather.next(&dice, words: words)
            now += seconds
            let position = walk.position
            let step = walk.step(belief, at: now)
            return BenchTick(
                question: step.question,
                state: position.state ?? step.next.state ?? [],
                instructions: step.verdict.instructions
            )
        }
    }
}

struct BenchTick {
    let question: PolicyQuestion
    let state: [UInt8]
    let instructions: Int64
}

extension PolicyBench.Figures {
    fileprivate init(_ times: [Double]) {
        let sorted = times.sorted()
        nanoseconds = sorted[sorted.count / 2]
        fastest = sorted[0]
        slowest = sorted[sorted.count - 1]
    }
}

/// One host under the clock: only the calls into C are timed, and both hosts get the very same ones.
private final class BenchHost {
    private let host: PolicyHost
    private var encoding = QuestionEncoding()
    private var calls = 0
    private var bytes: UInt64 = 0

    static let repeats = 5

    init(_ host: PolicyHost, _ parameters: PolicyParameters) {
        self.host = host
        encoding.setParameters(parameters.values)
    }

    var bytesPerEvaluation: Double { calls == 0 ? 0 : Double(bytes) / Double(calls) }

    /// Nanoseconds per evaluation of one pass.
    func time(_ work: [BenchTick]) -> Double {
        var spent: UInt64 = 0
        let before = policy_host_asked_bytes(host.host)
        for tick in work {
            var extra = QuestionExtra()
            extra.state = tick.state
            encoding.withQuestion(tick.question, extra) { flat in
                let start = Self.now
                for _ in 0..<Self.repeats { _ = policy_host_evaluate(host.host, flat) }
                spent += Self.now - start
            }
        }
        let count = work.count * Self.repeats
        calls += count
        bytes += policy_host_asked_bytes(host.host) - before
        return Double(spent) / Double(count)
    }

    /// Time that this thread has had a processor: what else the machine does then counts little.
    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
