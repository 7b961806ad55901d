import Foundation
import ReckonEngine
import ReckonExchange
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonTestRig
import ReckonVenue
import Testing

@Suite("What a restart takes over from the run before", .serialized)
struct LegacyTests {
    /// A policy that counts its evaluations and tells the count by its reason.
    private func counting(
        _ name: String = "counter",
        stateVersion: Int = 1,
        reads field: String = "count",
        extra: String = ""
    ) -> String {
        """
        return {
          api = 1, name = "\(name)", state_version = \(stateVersion),
          initial_state = function() return { \(field) = 0 } end,
          \(extra)
          evaluate = function(_, state, context)
            local l = context.limits
            local count = state.\(field) + 1
            return {
              mode = "GREEN", allow_entries = true, kill_switch_trip = false,
              max_notional_usdt = l.max_notional_usdt, max_leverage = l.max_leverage,
              min_entry_conf = l.min_entry_conf, entry_cooldown_seconds = l.entry_cooldown_seconds,
              max_open_orders_per_symbol = l.max_open_orders_per_symbol, reason = "count " .. count,
            }, { \(field) = count }
          end,
        }
        """
    }

    private func write(_ text: String, _ folder: TestFolder, _ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder.path(name),
            withIntermediateDirectories: true
        )
        return URL(fileURLWithPath: try folder.write(text, to: "\(name)/policy.lua"))
            .deletingLastPathComponent().path
    }

    /// Runs an engine with a policy until it has counted three more evaluations; all counts of this run.
    private func counts(_ policy: String, _ venue: VenueServer, _ folder: TestFolder) async throws -> [Int] {
        let board = Switchboard()
        var life = Rig.Life()
        life.policy = policy
        let engine = try await Rig.start(venue, journal: folder.path("j.sqlite"), board, life)
        let end = ContinuousClock.now + .seconds(20)
        while told(board).count < 3, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        await engine.stop()
        return told(board)
    }

    private func told(_ board: Switchboard) -> [Int] {
        board.committed.compactMap { fact in
            guard case .verdictEnforced(let enforcement) = fact.fact,
                let words = enforcement.raw?.notes.reason
            else { return nil }
            return Int(words.dropFirst("count ".count))
        }
    }

    private func withVenue(_ body: (VenueServer, TestFolder) async throws -> Void) async throws {
        let venue = try await VenueServer.start(
            VenueSettings(
                symbols: Rig.configuration.symbols,
                credentials: VenueCredentials(key: "key", secret: "secret")
            )
        )
        try await body(venue, try TestFolder())
        await venue.stop()
    }

    @Test("the policy goes on from the state that its last journaled verdict left")
    func sameState() async throws {
        try await withVenue { venue, folder in
            let policy = try write(counting(), folder, "one")
            let first = try await counts(policy, venue, folder)
            let second = try await counts(policy, venue, folder)
            #expect(first.first == 1 && first == Array(1...first.count))
            let last = try #require(first.last)
            #expect(second.first == last + 1, "\(first) then \(second)")
        }
    }

    @Test("a later version of the policy takes it over through its migration")
    func migration() async throws {
        try await withVenue { venue, folder in
            let first = try await counts(try write(counting(), folder, "one"), venue, folder)
            let later = counting(
                stateVersion: 2,
                reads: "total",
                extra: "migrate = function(state, old) return { total = state.count + 100 * old } end,"
            )
            let second = try await counts(try write(later, folder, "two"), venue, folder)
            #expect(second.first == (first.last ?? 0) + 101, "\(first) then \(second)")
        }
    }

    @Test("one that cannot live with it starts anew after one fault, and another policy starts anew at once")
    func anew() async throws {
        try await withVenue { venue, folder in
            _ = try await counts(try write(counting(), folder, "one"), venue, folder)
            let broken = try await counts(try write(counting(reads: "sum"), folder, "two"), venue, folder)
            #expect(broken.first == 1)
            let faults = try JournalReader(path: folder.path("j.sqlite")).load().count { fact in
                if case .verdictEnforced(let enforcement) = fact.fact {
                    enforcement.fault != nil
                } else {
                    false
                }
            }
            #expect(faults == 1)
            let other = try await counts(
                try write(counting("other", reads: "sum"), folder, "three"),
                venue,
                folder
            )
            #expect(other.first == 1)
        }
    }

    @Test("no knob is looser after a restart than before while the hold lasts and debt is left")
    func hold() async throws {
        try await withVenue { venue, folder in
            let tight = counting().replacingOccurrences(
                of: "max_notional_usdt = l.max_notional_usdt",
                with: "max_notional_usdt = 10"
            )
            _ = try await counts(try write(tight, folder, "tight"), venue, folder)
            // A difference that cannot be settled while the lists go unanswered keeps the debt above zero.
            venue.change { $0.tradeByHand(Rig.symbol, .buy, Quantity(units: 1_000_000)) }
            _ = try await counts(try write(counting(), folder, "loose"), venue, folder)
            let facts = try JournalReader(path: folder.path("j.sqlite")).load()
            let loaded = try #require(
                facts.lastIndex { if case .policyLoaded = $0.fact { true } else { false } }
            )
            for fact in facts[loaded...] {
                guard case .verdictEnforced(let enforcement) = fact.fact else { continue }
                let isClear = enforcement.belief.debtSymbols == 0 && enforcement.belief.naked.symbols == 0
                if isClear { break }
                #expect(enforcement.enforced.maxNotional <= 10, "fact \(fact.number)")
            }
        }
    }

    @Test("the black box holds the latest inputs in order, over restarts, and goes to disk with facts")
    func blackBox() async throws {
        try await withVenue { venue, folder in
            let policy = try write(counting(), folder, "one")
            _ = try await counts(policy, venue, folder)
            let first = try JournalReader(path: folder.path("j.sqlite")).blackBox()
            _ = try await counts(policy, venue, folder)
            let both = try JournalReader(path: folder.path("j.sqlite")).blackBox()
            #expect(first.first?.sequence == 1)
            #expect(
                first.contains { $0.text.hasPrefix("wake(") }
                    && first.contains { $0.text.hasPrefix("verdict(") }
            )
            #expect(both.map(\.sequence) == (1...Int64(both.count)).map { $0 })
            #expect(Array(both.prefix(first.count)) == first)
            #expect(both.count { $0.text.hasPrefix("wake(") } == 2)
            #expect(zip(both, both.dropFirst()).allSatisfy { $0.at <= $1.at })
            for secret in ["secret", "key\""] { #expect(!both.contains { $0.text.contains(secret) }) }
        }
    }
}
