import Testing

/// The rules of the house, on themselves first and then on the tree.
@Suite("The tree is tidy")
struct TidyTests {
    static let rules: [Rule] =
        Arrows.rules + Determinism.rules + Sizes.rules + Naming.rules + Safety.rules + Words.rules
        + Documents.rules
        + Invariants.rules

    @Test("each rule finds what is wrong with its bad samples", arguments: TidyTests.rules)
    func badSamples(rule: Rule) {
        #expect(!rule.bad.isEmpty)
        for sample in rule.bad {
            #expect(!rule.check(Tree(sample.texts)).isEmpty, "\(sample.texts)")
        }
    }

    @Test("each rule passes its good samples", arguments: TidyTests.rules)
    func goodSamples(rule: Rule) {
        #expect(!rule.good.isEmpty)
        for sample in rule.good {
            #expect(rule.check(Tree(sample.texts)).isEmpty, "\(sample.texts)")
        }
    }

    @Test("each rule holds in the whole tree", arguments: TidyTests.rules)
    func wholeTree(rule: Rule) {
        let findings = rule.check(.project)
        #expect(findings.isEmpty, "\(findings.map { "\n\($0)" }.joined())")
    }

    @Test("the tree was found, so that the rules have something to look at")
    func treeIsThere() {
        for path in [
            "Package.swift", "Sources/ReckonModel", "Tests/TidyTests/TidyTests.swift", "docs/decisions",
        ] {
            let isThere = Tree.project.holds(path)
            #expect(isThere, "\(path)")
        }
        let count = Tree.project.files(in: .code).count
        #expect(count > 100)
    }

    @Test("code is told from comments and literals")
    func scanner() {
        let text = ##"""
            let a = "x // y \(f("}") + 1)" // c "d"
            let b = """
                func g() { "
                """
            let c = #"\(no) " func "# + ""
            let d = [#""""#, #""no""#] // e
            """##
        let file = SourceText(path: "a.swift", text: text)
        let lines = file.code.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.first == #"let a = " (f(" ") + 1)""#)
        #expect(lines.last == ##"let d = [#" "#, #" "#]"##)
        #expect(!file.code.contains("func") && !file.code.contains("//"))
        #expect(file.comments.contains(#"// c "d""#) && !file.comments.contains("x"))
        #expect(file.code.utf8.count == text.utf8.count)
    }

    @Test("declarations are measured from keyword to closing brace")
    func declarations() {
        let code = """
            func a(x: Int, y: [Int: Int] = [:]) -> Int {
              if x > 1 { return 1 }
            }
            func b<T: P<Q>>(
              _ t: T,
            ) where T: R
            {
            }
            init?(z: (Int, Int) -> Void) {}
            static func < (l: A, r: A) -> Bool { true }
            """
        let found = Declaration.all(in: code)
        #expect(found.map(\.name) == ["a", "b", "init", "<"])
        #expect(found.map(\.lines) == [3, 5, 1, 1])
        #expect(found.map(\.parameters) == [2, 1, 1, 2])
    }
}
