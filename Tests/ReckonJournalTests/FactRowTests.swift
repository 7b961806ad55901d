import Foundation
import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

@Suite("A fact's row")
struct FactRowTests {
    /// Promises: readers of journals and of the event stream rely on these names.
    static let kinds: Set<String> = [
        "started", "instruments_loaded", "intent_accepted", "intent_refused", "intent_withdrawn",
        "exit_overdue",
        "exit_series_ended", "intent_ended", "order_planned", "order_adopted", "order_submitted",
        "order_set_back",
        "order_doubted", "order_asked", "order_not_found", "order_absent_from_history", "order_reported",
        "order_cancel_wanted", "order_cancel_sent", "order_refused", "order_lapsed", "order_gave_up",
        "order_abandoned", "position_corrected", "cover_planned", "cover_failed", "round_concluded",
        "leverage_known", "policy_loaded", "policy_changed", "shadow_compared", "verdict_enforced",
        "operator_commanded", "journal_latched",
        "journal_recovered", "leverage_wished", "margin_mode_known", "repair_made", "repair_series_ended",
        "position_forced", "pause_asked", "flatten", "account_shared", "replacement", "countdown_fired",
        "order_cancel_series_ended", "order_duplicate_answered",
    ]

    @Test(
        "every kind of fact comes back from disk equal, and equal facts have equal bytes",
        arguments: [1, 2, 3] as [UInt64]
    )
    func roundTrip(seed: UInt64) throws {
        var sample = SampleFacts(seed: seed)
        let facts = sample.batch(2_400)
        let folder = try Folder()
        let journal = try folder.journal(facts)
        let stored = try journal.reader.load()
        #expect(stored == facts)
        #expect(try facts.map { try FactRow.text($0.fact) } == stored.map { try FactRow.text($0.fact) })
        #expect(Set(facts.map(\.fact.kind)) == FactRowTests.kinds)
        #expect(try journal.reader.verify() == 2_400)
    }

    @Test("the journal's kinds are the promised names and snake case")
    func kindNames() throws {
        var sample = SampleFacts(seed: 11)
        for _ in 0..<2_000 {
            let kind = sample.fact().kind
            #expect(FactRowTests.kinds.contains(kind))
            #expect(kind.allSatisfy { $0 == "_" || ($0.isLowercase && $0.isASCII) })
        }
    }

    @Test("a verdict that holds infinities and no-numbers is stored all the same")
    func nonFinite() throws {
        var sample = SampleFacts(seed: 5)
        var knobs = sample.knobs()
        knobs.maxNotional = .infinity
        knobs.entryCooldownSeconds = -.infinity
        knobs.minEntryConfidence = .nan
        let verdict = PolicyVerdict(
            tick: 1,
            policyDigest: "d",
            answer: .success(knobs),
            instructions: 1,
            stateDigest: ""
        )
        let enforcement = Guard(limits: SampleFacts.limits, settings: GuardSettings())
            .decide(verdict, belief: .neutral, at: .epoch)
        let folder = try Folder()
        let journal = try folder.journal([sample.stamped(.verdictEnforced(enforcement))])
        guard case .verdictEnforced(let stored) = try #require(try journal.reader.load().first).fact else {
            Issue.record("not a verdict")
            return
        }
        #expect(stored.raw?.maxNotional == .infinity)
        #expect(stored.raw?.entryCooldownSeconds == -.infinity)
        #expect(stored.raw?.minEntryConfidence.isNaN == true)
    }

    @Test("keys are sorted and slashes plain, so that the text is canonical")
    func canonical() throws {
        let loaded = Fact.policyLoaded(PolicyIdentity(name: "a/b", version: "1", digest: "d"))
        #expect(
            try FactRow.text(loaded) == #"{"policyLoaded":{"_0":{"digest":"d","name":"a/b","version":"1"}}}"#
        )
    }
}
