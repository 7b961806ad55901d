import Foundation
import ReckonEngine
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonTestRig
import Testing

/// The engine ticks while its policy's folder is rewritten and loaded again and again.
///
/// `RECKON_RELOADS=1000` runs it at full length with fifty ticks a second, and prints what it measured.
@Suite("Reload under load", .serialized)
struct ReloadLoadTests {
    static let reloads = ProcessInfo.processInfo.environment["RECKON_RELOADS"].flatMap { Int($0) }

    /// Two versions of other shapes, each able to take over from the other.
    static let good: [CountingPolicy] = {
        var one = CountingPolicy()
        one.extra = "migrate = function(state) return { count = state.total } end,"
        var two = CountingPolicy()
        two.stateVersion = 2
        two.field = "total"
        two.extra = "migrate = function(state) return { total = state.count } end,"
        return [one, two]
    }()

    /// What must never become active, each under the code that names it.
    static let bad: [(code: String, files: [String: String])] = {
        let text = good[0].text
        func with(_ first: String) -> [String: String] {
            var policy = good[0]
            policy.first = first
            return ["policy.lua": policy.text]
        }
        var stuck = good[0]
        stuck.stateVersion = 9
        stuck.extra = "migrate = function(state) while true do end end,"
        var late = good[0]
        late.first = "if l.max_leverage == 5 then error('only where it trades') end"
        let wish = "return { { name = 'w', ticks = { { now = 0, belief = {}, knobs = { mode = 'RED' } } } } }"
        return [
            ("syntax", ["policy.lua": String(text.prefix(text.count / 2))]),
            ("no_policy", ["other.lua": text]),
            ("evaluate_instructions", with("while true do end")),
            ("chunk_instructions", ["policy.lua": "while true do end"]),
            ("evaluate_error", with("os.exit(1)")),
            ("evaluate_memory", with("local s = 'x' for i = 1, 99 do s = s .. s end")),
            ("evaluate_invalid", with("if count > 3 then return {}, {} end")),
            ("module_missing", ["policy.lua": "local a = require('absent')\n" + text]),
            ("case_failed", ["policy.lua": text + "\n-- with cases", "cases.lua": wish]),
            ("migrate_instructions", ["policy.lua": stuck.text]),
            ("faults_now", ["policy.lua": late.text]),
        ]
    }()

    @Test("no tick is missed, no state is lost, and what is active is always a good version")
    func reloads() async throws {
        let folder = try TestFolder()
        let policies = try PolicyFolder(in: folder)
        try policies.write(policy: Self.good[0].text)
        let board = Switchboard()
        let engine = try await ReloadLoadTests.start(folder, policies, board)
        let count = Self.reloads ?? 60
        // What the machine itself makes late is to be told from what the reloads do.
        if Self.reloads != nil { try await Task.sleep(for: .seconds(60)) }
        let rested = board.committed.count
        var expected = engine.policy.identity.digest
        var digests: Set<String> = [expected]
        var took: [Duration] = []
        for number in 1...count {
            let isGood = number.isMultiple(of: 2)
            let row = Self.bad[number / 2 % Self.bad.count]
            try policies.write(isGood ? ["policy.lua": version(number).text] : row.files)
            let began = ContinuousClock.now
            let reply = await engine.reloadPolicy(.reload, reason: "try \(number)")
            took.append(ContinuousClock.now - began)
            guard case .done(let change) = reply else {
                Issue.record("reload \(number): \(reply)")
                continue
            }
            switch change.outcome {
            case .swapped(let handover):
                #expect(isGood && handover.kind != .fresh && handover.kind != .reinitialised, "\(change)")
                expected = change.to?.digest ?? ""
                digests.insert(expected)
            case .refused(let refusal): #expect(!isGood && refusal.code == row.code, "\(refusal.text)")
            case .unchanged: Issue.record("reload \(number) changed nothing")
            }
            #expect(change.from.digest != change.to?.digest)
            #expect(engine.policy.identity.digest == expected)
        }
        await engine.stop()
        try judge(board.committed, folder, digests, count)
        guard Self.reloads != nil else { return }
        print("without reloads: \(rhythm(board.committed.prefix(rested)))")
        took.sort()
        print("\(count) reloads: \(rhythm(board.committed.dropFirst(rested)))")
        print("one reload: median \(took[count / 2]), most \(took[count - 1])")
    }

    /// Each good version is another one than those before.
    private func version(_ number: Int) -> CountingPolicy {
        var policy = Self.good[number / 2 % 2]
        policy.remark = "version \(number)"
        return policy
    }

    private func judge(_ facts: [StampedFact], _ folder: TestFolder, _ good: Set<String>, _ reloads: Int)
        throws
    {
        let verdicts = facts.compactMap { fact -> Enforcement? in
            if case .verdictEnforced(let enforcement) = fact.fact { enforcement } else { nil }
        }
        #expect(verdicts.count > reloads / 4)
        #expect(verdicts.map(\.tick) == (1...Int64(verdicts.count)).map { $0 })
        #expect(verdicts.allSatisfy { good.contains($0.policyDigest) })
        // An answer that a crowded machine brings too late is a fault of the tick; none of them is the policy's own.
        let late = verdicts.filter { $0.fault != nil }
        #expect(late.allSatisfy { $0.fault?.message.hasPrefix("no verdict within") == true })
        #expect(late.count * 20 <= verdicts.count, "\(late.count) of \(verdicts.count) ticks missed")
        // The state went over from version to version: it has counted every question, also those answered too late.
        let counts = verdicts.compactMap { $0.raw?.notes.reason }.compactMap { Int($0.dropFirst(6)) }
        let steps = zip(counts, counts.dropFirst()).map { $1 - $0 }
        #expect(counts.first == 1 && steps.allSatisfy { $0 >= 1 })
        #expect(steps.reduce(0) { $0 + $1 - 1 } <= late.count)
        let changes = facts.compactMap { fact -> PolicyChange? in
            if case .policyChanged(let change) = fact.fact { change } else { nil }
        }
        #expect(changes.count == reloads)
        let stored = try JournalReader(path: folder.path("journal.sqlite")).load()
        #expect(stored == facts, "all of it is on disk")
    }

    /// How steadily the engine ticked.
    private func rhythm(_ facts: ArraySlice<StampedFact>) -> String {
        let verdicts = facts.compactMap { fact -> (at: Instant, isLate: Bool)? in
            guard case .verdictEnforced(let enforcement) = fact.fact else { return nil }
            return (fact.at, enforcement.fault != nil)
        }
        let gaps = zip(verdicts, verdicts.dropFirst()).map { ($1.at - $0.at).milliseconds }.sorted()
        guard let first = verdicts.first, let last = verdicts.last, let most = gaps.last else {
            return "no ticks"
        }
        return
            "\((last.at - first.at).seconds) s, \(verdicts.count) ticks, \(verdicts.count(where: \.isLate)) missed; "
            + "ms between ticks: median \(gaps[gaps.count / 2]), p99 \(gaps[gaps.count * 99 / 100]), most \(most)"
    }

    /// An engine that asks its policy every 20 ms.
    static func start(_ folder: TestFolder, _ policies: PolicyFolder, _ board: Switchboard) async throws
        -> EngineHost
    {
        var life = Rig.Life()
        // Where every core is taken an answer may be late; at full length the machine is to be ours.
        life.configuration.reconcileEvery = reloads == nil ? .milliseconds(100) : .milliseconds(20)
        life.configuration.guardSettings.faultLimit = 100
        life.configuration.roundSpacing = .milliseconds(1)
        life.policy = policies.path
        return try await Rig.start(QuietVenue.port, journal: folder.path("journal.sqlite"), board, life)
    }
}
