import Foundation
import ReckonSimulation
import Testing

/// The deliberate breaks of `Tests/Mutants`: that each is caught is for `.ci/mutants` to show, that none is stale for these.
@Suite("The list of deliberate breaks")
struct MutantTests {
    static let folder = Sample.project.appendingPathComponent("Tests/Mutants")
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".patch") }
        .sorted()

    /// One patch, as far as these tests look at it.
    struct Mutant {
        var heads: [String: String] = [:]
        var file = ""
        /// The lines of each hunk as they stand in the unbroken file.
        var hunks: [[String]] = []
        var added = 0
        var removed = 0

        init(_ text: String) {
            for line in text.components(separatedBy: "\n") {
                if line.hasPrefix("# ") {
                    let words = line.dropFirst(2).components(separatedBy: ": ")
                    heads[words[0]] = words.dropFirst().joined(separator: ": ")
                } else if line.hasPrefix("--- a/") {
                    file = String(line.dropFirst(6))
                } else if line.hasPrefix("@@") {
                    hunks.append([])
                } else if line.hasPrefix("-") || line.hasPrefix(" "), !hunks.isEmpty {
                    hunks[hunks.count - 1].append(String(line.dropFirst()))
                    if line.hasPrefix("-") { removed += 1 }
                } else if line.hasPrefix("+"), !line.hasPrefix("+++") {
                    added += 1
                }
            }
        }
    }

    @Test("there are at least thirty, and every invariant that a simulator can see has one")
    func enough() {
        #expect(MutantTests.names.count >= 30)
        for number in 1...14 where number != 13 {
            let prefix = "i" + (number < 10 ? "0\(number)" : "\(number)") + "-"
            #expect(MutantTests.names.contains { $0.hasPrefix(prefix) }, "no mutant of \(prefix)")
        }
    }

    @Test("each names its rule, its invariant and the seed that catches it", arguments: names)
    func heads(name: String) throws {
        let mutant = try read(name)
        #expect(mutant.heads["rule"]?.isEmpty == false)
        let invariant = try #require(mutant.heads["invariant"])
        #expect(name.hasPrefix("i" + invariant.dropFirst(2)), "\(name) is of \(invariant)")
        let words = try #require(mutant.heads["caught by"]).split(separator: " ")
        #expect(words.count == 3 && words[1] == "seed" && UInt64(words[2]) != nil, "\(words)")
        let scenario = try #require(words.first)
        #expect(isWorld(String(scenario)), "there is no scenario \(scenario)")
        #expect((1...3).contains(max(mutant.added, mutant.removed)), "a break of \(mutant.added) lines")
    }

    @Test("each still fits the file that it breaks", arguments: names)
    func fits(name: String) throws {
        let mutant = try read(name)
        let file = Sample.project.appendingPathComponent(mutant.file)
        let source = try String(contentsOf: file, encoding: .utf8)
        #expect(!mutant.hunks.isEmpty)
        for hunk in mutant.hunks {
            #expect(source.contains(hunk.joined(separator: "\n")), "\(name) is stale")
        }
    }

    /// Built in, or a file of the project.
    private func isWorld(_ scenario: String) -> Bool {
        let file = Sample.project.appendingPathComponent(scenario).path
        return Scenario.named(scenario) != nil || FileManager.default.fileExists(atPath: file)
    }

    private func read(_ name: String) throws -> Mutant {
        Mutant(try String(contentsOf: MutantTests.folder.appendingPathComponent(name), encoding: .utf8))
    }
}
