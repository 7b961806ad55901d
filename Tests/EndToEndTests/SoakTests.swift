import Foundation
import Testing

@Suite("The soak commands in short", .serialized)
struct SoakTests {
    private func run(_ arguments: [String]) throws -> (code: Int32, tree: [String: Any], errors: String) {
        let said = try ReckonProcess(arguments, in: ReckonProcess.project).finished()
        let tree = try JSONSerialization.jsonObject(with: Data(said.output.utf8)) as? [String: Any]
        return (said.code, try #require(tree), said.errors)
    }

    @Test("kills are counted, recoveries verified, and the hard zeros stand in one document")
    func crash() throws {
        let said = try run([
            "soak-live", "crash", "--kills", "6", "--lanes", "2", "--rest-every", "2", "--json",
        ])
        #expect(said.code == 0, "\(said.tree["complaints"] ?? said.errors)")
        #expect(said.tree["kills"] as? Int == 6)
        #expect(try #require(said.tree["recoveries_verified"] as? Int) >= 2)
        let figures = try #require(said.tree["figures"] as? [String: Double])
        for name in ["duplicate_orders", "blocked_exits", "lost_intents", "false_terminals", "breaches"] {
            #expect(figures[name] == 0, "\(name)")
        }
    }

    @Test("each profile has its row of figures; one that ends without figures fails the whole")
    func profiles() throws {
        let good = try run([
            "soak-live", "profiles", "--minutes", "0.05", "--faults", "none", "lost-acks", "--json",
        ])
        #expect(good.code == 0, "\(good.tree)")
        let runs = try #require(good.tree["runs"] as? [[String: Any]])
        #expect(runs.map { $0["profile"] as? String } == ["none", "lost-acks"])
        #expect(runs.allSatisfy { ($0["report"] as? [String: Any])?["figures"] != nil })
        let bad = try run(["soak-live", "profiles", "--minutes", "0.02", "--faults", "absent.json", "--json"])
        #expect(bad.code == 1 && bad.tree["holds"] as? Bool == false)
    }
}
