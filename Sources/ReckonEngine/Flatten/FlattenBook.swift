package import ReckonModel

/// What was decided or learnt about one flatten.
package enum FlattenFact: Sendable, Codable, Hashable {
    /// A close of our own was taken on for a position that still stood.
    case closing(Symbol)
    /// A complete round showed the scope flat, with no order resting and none in doubt.
    case sawFlat(askedAt: Instant)
    /// A later round showed something again: the count starts anew.
    case sawOpen(String)
    /// Two rounds in a row showed it flat; the first and the last of them were asked for then.
    case done(firstAskedAt: Instant, lastAskedAt: Instant)
}

/// One flatten that an operator ordered (halt level 2).
///
/// ```
/// entries closed → working entries cancelled → doubts resolved → positions closed → stops removed → done
/// ```
/// It is latched until done, and holds entries closed until the operator resumes.
package struct Flattening: Sendable, Codable, Hashable {
    package let reason: String
    package let since: Instant
    /// Rounds in a row that showed the scope flat, and when the first of them was asked for.
    package private(set) var sightings = 0
    package private(set) var firstFlatAt: Instant?
    package private(set) var doneAt: Instant?
    package private(set) var closes: Table<Symbol, Closing> = Table()

    /// How often a close was begun on a symbol, and when last.
    package struct Closing: Sendable, Codable, Hashable {
        package var count: Int
        package var at: Instant
    }

    init(reason: String, since: Instant) {
        self.reason = reason
        self.since = since
    }

    package var isDone: Bool { doneAt != nil }

    mutating func apply(_ fact: FlattenFact, at now: Instant) {
        switch fact {
        case .closing(let symbol):
            closes[symbol] = Closing(count: (closes[symbol]?.count ?? 0) + 1, at: now)
        case .sawFlat(let askedAt):
            sightings += 1
            firstFlatAt = firstFlatAt ?? askedAt
        case .sawOpen:
            sightings = 0
            firstFlatAt = nil
        case .done: doneAt = now
        }
    }
}

/// Every flatten that has not been resumed or released, by what it reaches.
package struct FlattenBook: Sendable, Codable, Hashable {
    package private(set) var rows: Table<CommandScope, Flattening> = Table()

    package init() {}

    /// The flatten that still has work to do on a symbol.
    package func active(covering symbol: Symbol) -> Flattening? {
        rows.first { $0.key.covers(symbol) && !$0.value.isDone }?.value
    }

    /// Why entries on a symbol are closed, where a flatten closes them.
    package func reason(covering symbol: Symbol) -> String? {
        rows.first { $0.key.covers(symbol) }.map { "flatten: \($0.value.reason)" }
    }

    package var hasUnfinished: Bool { rows.contains { !$0.value.isDone } }

    mutating func apply(_ fact: FlattenFact, to scope: CommandScope, at now: Instant) {
        rows.update(scope) { $0.apply(fact, at: now) }
    }

    mutating func obey(_ command: OperatorCommand, at now: Instant) {
        switch command {
        case .flatten(let scope, let reason): rows[scope] = Flattening(reason: reason, since: now)
        case .releaseFlatten(let scope, _): rows[scope] = nil
        case .resume: rows.removeAll()
        case .halt, .cancelAll, .resolveSharing: break
        }
    }
}

/// How a flatten is paced; the operator's.
package struct FlattenRules: Sendable, Codable, Hashable {
    /// A position is closed once its symbol's entries are settled, or after this: a question that the venue cannot
    /// answer must not leave a position standing.
    package var entriesSettleWithin: Span = .seconds(10)
    package var snapshotsNeeded: Int = 2

    package init() {}
}
