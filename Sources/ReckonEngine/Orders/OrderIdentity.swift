package import ReckonModel

/// Who we are at the venue: engine and start.
package struct OrderIdentity: Sendable, Codable, Hashable {
    /// 1 to 8 characters of `a-z 0-9`.
    package let engine: String
    /// Minted at random at each start, 1 to 8 characters of `a-z 0-9`, so that a lost journal tail can't repeat an id.
    package let epoch: String

    package init(engine: String, epoch: String) {
        self.engine = engine
        self.epoch = epoch
    }

    /// `rk-<engine>-<epoch>-<kind><subject>-<generation>`, at most 36 characters.
    package func clientID(_ kind: Kind, number: Int64, generation: Int) -> ClientOrderID {
        ClientOrderID(
            "\(prefix)\(epoch)-\(kind.rawValue)\(String(number, radix: 36))-\(String(generation, radix: 36))"
        )
    }

    /// What every order of this engine begins with, whatever its epoch.
    package var prefix: String { "rk-\(engine)-" }

    /// Whether an order carries this engine's name.
    package func isOurs(_ id: ClientOrderID) -> Bool { id.text.hasPrefix(prefix) }

    package enum Kind: String, Sendable {
        case intent = "i"
        case cover = "c"
    }
}
