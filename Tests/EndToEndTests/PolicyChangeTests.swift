import Foundation
import ReckonVenue
import Testing

@Suite("Another version of the policy reaches a running engine from the command line", .serialized)
struct PolicyChangeTests {
    private func text(_ remark: String) -> String {
        """
        -- \(remark)
        return {
          api = 1, name = "plain",
          initial_state = function() return { count = 0 } end,
          evaluate = function(_, state, context)
            local l = context.limits
            return {
              mode = "GREEN", allow_entries = true, kill_switch_trip = false,
              max_notional_usdt = l.max_notional_usdt, max_leverage = l.max_leverage,
              min_entry_conf = l.min_entry_conf, entry_cooldown_seconds = l.entry_cooldown_seconds,
              max_open_orders_per_symbol = l.max_open_orders_per_symbol,
            }, { count = state.count + 1 }
          end,
        }
        """
    }

    private func say(_ arguments: [String], _ life: Life) throws -> (
        code: Int32, output: String, errors: String
    ) {
        try ReckonProcess(arguments + ["--api", "127.0.0.1:\(life.port)"], in: life.folder).finished()
    }

    private func digest(_ state: [String: Any]?) -> String? {
        (state?["policy"] as? [String: Any])?["digest"] as? String
    }

    @Test("reload, SIGHUP, rollback and shadow; what is refused is refused with its line and exit code 1")
    func commands() async throws {
        let folder = try ScratchFolder()
        let venue = try await VenueServer.start(VenueSettings(symbols: Life.symbols, seed: 5))
        let life = try Life(folder, venue)
        let policy = try folder.write(text("one"), to: "mine/policy.lua")
        let directory = URL(fileURLWithPath: policy).deletingLastPathComponent().path
        let arguments = life.arguments.dropLast() + [directory]
        var process = try ReckonProcess(Array(arguments), in: life.folder, isQuiet: true)
        try await life.waitUntilAnswering()
        #expect(await life.waitUntil { $0["ready"] as? Bool == true })
        let first = try #require(digest(await life.state()))
        let same = try say(["reload", "--reason", "look"], life)
        #expect(same.code == 0 && same.output.contains("at work already"), "\(same)")
        _ = try folder.write(text("two"), to: "mine/policy.lua")
        let swapped = try say(["reload", "--reason", "better"], life)
        #expect(swapped.code == 0 && swapped.output.contains("state carried"), "\(swapped)")
        _ = try folder.write("return {\n  api = 1,,\n}", to: "mine/policy.lua")
        let refused = try say(["reload", "--reason", "worse"], life)
        #expect(refused.code == 1 && refused.errors.contains("policy.lua:2"), "\(refused)")
        #expect(refused.errors.split(separator: "\n").count == 1 && refused.output.isEmpty)
        #expect(try say(["status"], life).output.contains("POLICY REFUSED by reload"))
        _ = try folder.write(text("three"), to: "mine/policy.lua")
        let second = digest(await life.state())
        #expect(kill(process.number, SIGHUP) == 0)
        #expect(await life.waitUntil { digest($0) != second })
        let list = try say(["rollback", "--list"], life)
        #expect(list.output.split(separator: "\n").count == 3, "\(list)")
        let back = try say(["rollback", "--reason", "back", "--to", String(first.prefix(12))], life)
        #expect(back.code == 0, "\(back)")
        #expect(digest(await life.state()) == first)
        #expect(try say(["rollback", "--reason", "back", "--to", "0123456789"], life).code == 1)
        #expect(try say(["rollback"], life).code == 64)
        let shadow = try say(["shadow", "--policy", directory, "--reason", "a trial"], life)
        #expect(shadow.code == 0 && shadow.output.hasPrefix("plain "), "\(shadow)")
        var noted = try say(["shadow", "--journal", life.journal, "--json"], life)
        // Nobody waits for the counts to be on disk.
        for _ in 0..<50 where noted.code != 0 {
            try await Task.sleep(for: .milliseconds(100))
            noted = try say(["shadow", "--journal", life.journal, "--json"], life)
        }
        #expect(noted.code == 0 && noted.output.contains("\"reason\" : \"a trial\""), "\(noted)")
        #expect(try say(["shadow", "--journal", life.journal, "--end"], life).code == 64)
        process.kill()
        process = try ReckonProcess(Array(arguments), in: life.folder, isQuiet: true)
        try await life.waitUntilAnswering()
        #expect(digest(await life.state()) == first, "what was rolled back does not come back by a restart")
        #expect(process.end() == 0)
        await venue.stop()
    }
}
