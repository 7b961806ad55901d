/// What the deterministic targets may not call, as data.
enum Determinism {
    static let targets = ["ReckonModel", "ReckonEngine", "ReckonExchange", "ReckonSimulation"]

    /// The core proper, which does not wait for anything either.
    static let synchronous = ["ReckonModel", "ReckonEngine", "ReckonExchange"]

    struct Ban: Sendable {
        let pattern: Pattern
        let reason: String
        let targets: [String]
        let sample: String

        init(_ pattern: Pattern, _ reason: String, in targets: [String] = Determinism.targets, sample: String)
        {
            self.pattern = pattern
            self.reason = reason
            self.targets = targets
            self.sample = sample
        }
    }

    static let bans: [Ban] = [
        Ban(#"\bDate\s*[(.]"#, "no clock: the time comes in", sample: "let now = Date()"),
        Ban(
            #"\b(?:Continuous|Suspending)Clock\b"#,
            "no clock: the time comes in",
            sample: "ContinuousClock().now"
        ),
        Ban(#"\bDispatch\w*\b"#, "no clock and no threads", sample: "DispatchTime.now()"),
        Ban(#"\bUUID\s*\("#, "no chance but the seeded dice", sample: "let id = UUID()"),
        Ban(
            #"\bSystemRandomNumberGenerator\b"#,
            "no chance but the seeded dice",
            sample: "SystemRandomNumberGenerator()"
        ),
        Ban(
            #"\.random\s*\((?![^)]*using:)"#,
            "no chance but the seeded dice",
            sample: "Int.random(in: 0..<3)"
        ),
        Ban(
            #"\.(?:randomElement|shuffled|shuffle)\s*\((?![^)]*using:)"#,
            "no chance but the seeded dice",
            sample: "rows.shuffled()"
        ),
        Ban(#"\bhashValue\b|\bHasher\s*\("#, "hashes differ in each process", sample: "symbol.hashValue"),
        Ban(#"\bObjectIdentifier\b"#, "addresses differ in each process", sample: "ObjectIdentifier(self)"),
        Ban(#"#file(?:ID|Path)?\b"#, "paths differ on each machine", sample: "note(#file)"),
        Ban(#"\bTask\s*[{.<(]|\bTaskGroup\b"#, "no concurrency", in: synchronous, sample: "Task { step() }"),
        Ban(#"\basync\b|\bawait\b"#, "nothing waits", in: synchronous, sample: "func step() async {}"),
        Ban(#"\bactor\s+\w"#, "no concurrency", in: synchronous, sample: "actor Core {}"),
        Ban(
            #"\bDictionary\b"#,
            "iteration order hangs on hashing: use Table",
            sample: "Dictionary(grouping: rows) { $0 }"
        ),
        Ban(
            #"(?<!\w)Set\s*[<(](?!\s*\))|(?<!\w)Set\s*\(\s*\)"#,
            "iteration order hangs on hashing: use Table",
            sample: "var seen: Set<Symbol>"
        ),
        Ban(
            #"(?<![\w\])>?!`])\[\s*(?:[\w."<>?]+)\s*:(?!:)"#,
            "iteration order hangs on hashing: use Table",
            sample: "var rows: [Symbol: Int]"
        ),
        Ban(#"\[\s*:\s*\]"#, "iteration order hangs on hashing: use Table", sample: "var rows = [:]"),
        Ban(
            #"\b(?:pow|exp|log|sin|cos)\s*\("#,
            "results hang on the installed libm",
            sample: "let x = pow(2, 0.5)"
        ),
    ]

    /// Holds a dictionary that nobody can walk.
    private static let sealed = "Sources/ReckonSimulation/World/Lookup.swift"

    /// What looks alike and is allowed.
    private static let harmless = [
        "let x = dice.random(in: 0..<3, using: &dice)",
        "// Date() and Task { async } in a comment",
        "let text = \"UUID() [a: b]\"",
        "table[key, default: 0] += 1",
        "table[key: name] = nil",
        "let rows = [Symbol]()\nlet pairs: [(key: Int, value: Int)] = []",
        "let a = [flag ? one : two]",
        "func update(at now: Instant)",
        "let candidate = candidates.first",
        "mutating func shuffle(using dice: inout Dice) { rows.shuffle(using: &dice) }",
        "let Settings = 1; apply(settings: Settings)",
        "log.append(1)",
    ]

    static let rules: [Rule] = [
        Rule(
            name:
                "the deterministic core reads no clock, draws no dice but its own, never waits, never hashes",
            check: { tree in
                tree.files(in: .swiftSources).filter { $0.path != sealed }.flatMap { file in
                    bans.filter { $0.targets.contains(file.target ?? "") }.flatMap { ban in
                        file.findings(of: ban.pattern, in: file.code) { "`\($0.text)`: \(ban.reason)" }
                    }
                }
            },
            bad: bans.flatMap { ban in ban.targets.map { Sample("Sources/\($0)/A.swift", ban.sample) } },
            good: harmless.map { Sample("Sources/ReckonEngine/A.swift", $0) }
                + bans.map { Sample("Sources/ReckonHost/A.swift", $0.sample) }
        )
    ]
}
