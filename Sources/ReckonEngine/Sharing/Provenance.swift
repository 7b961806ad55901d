package import ReckonModel

/// What an order's id says of who made it.
///
/// The shape is `rk-<engine>-<epoch>-<kind><number>-<generation>`, as `OrderIdentity` writes it.
struct ParsedOrderID: Hashable {
    let engine: String
    let epoch: String
    let kind: OrderIdentity.Kind
    let number: Int64
    let generation: Int

    /// What every engine of this kind begins its ids with.
    static let family = "rk-"

    init?(_ id: ClientOrderID) {
        let parts = id.text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "rk", let first = parts[3].first,
            let kind = OrderIdentity.Kind(rawValue: String(first)),
            let number = Int64(parts[3].dropFirst(), radix: 36), number > 0,
            let generation = Int(parts[4], radix: 36), generation > 0
        else { return nil }
        engine = String(parts[1])
        epoch = String(parts[2])
        self.kind = kind
        self.number = number
        self.generation = generation
    }
}

/// Why an order that bears our name cannot be ours.
package enum Stranger: String, Sendable, Codable, Hashable, CaseIterable {
    /// Another engine's name.
    case foreignEngine = "foreign_engine"
    /// Our name, and a start that our journal knows nothing of.
    case foreignEpoch = "foreign_epoch"
    /// Our name and a start of ours that had every number in hand, and no fact of it.
    case withoutFact = "without_fact"
    /// An id that we did use, on an order that we did not send.
    case otherOrder = "other_order"
}

/// What was decided or learnt about others on the account.
package enum SharingFact: Sendable, Codable, Hashable {
    case found(ClientOrderID, Symbol, Stranger)
}

/// Who else trades on the account under a name like ours, and how far each start of ours had counted.
///
/// An order of ours whose fact is missing is *from a lost tail* only where its start is over and its number lies beyond
/// what the journal knew when the next start began: facts can be lost from the end, never from the middle. A start whose
/// own fact is lost looks like another process, and is taken for one.
package struct SharingBook: Sendable, Codable, Hashable {
    /// Orders of others that the operator has not resolved.
    package private(set) var strangers: Table<ClientOrderID, Stranger> = Table()
    /// Orders of others that the operator answers for; they are left alone.
    package private(set) var resolved: Table<ClientOrderID, Stranger> = Table()
    /// Our starts, oldest first.
    private(set) var epochs: [Epoch] = []

    /// One start and, once it is over, the last numbers that the journal holds of it.
    struct Epoch: Sendable, Codable, Hashable {
        let text: String
        var lastIntent: Int64?
        var lastPlan: Int64?
    }

    package init() {}

    package var isShared: Bool { !strangers.isEmpty }

    mutating func begin(_ epoch: String, lastIntent: Int64, lastPlan: Int64) {
        if let last = epochs.indices.last {
            epochs[last].lastIntent = lastIntent
            epochs[last].lastPlan = lastPlan
        }
        epochs.append(Epoch(text: epoch, lastIntent: nil, lastPlan: nil))
    }

    mutating func apply(_ fact: SharingFact) {
        switch fact {
        case .found(let id, _, let stranger): strangers[id] = stranger
        }
    }

    mutating func resolve() {
        for (id, stranger) in strangers { resolved[id] = stranger }
        strangers.removeAll()
    }
}
