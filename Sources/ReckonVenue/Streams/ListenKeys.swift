import ReckonExchange
import ReckonModel

/// The key that opens the account's stream, and how long it lives.
struct ListenKeys: Sendable {
    private(set) var active: String?
    private var expiresAt: VenueInstant
    private var dice: Dice
    private let life: Span

    init(seed: UInt64, life: Span, at now: VenueInstant) {
        dice = Dice(seed: Dice.digest("listen keys", from: seed))
        self.life = life
        expiresAt = now
    }

    /// The active key, extended, or a new one.
    mutating func open(at now: VenueInstant) -> String {
        expiresAt = now + life
        if let active { return active }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        var key = ""
        for _ in 0..<64 { key.append(alphabet[Int(dice.roll(below: UInt64(alphabet.count)))]) }
        active = key
        return key
    }

    mutating func extend(at now: VenueInstant) throws(VenueRejection) -> String {
        guard let active else {
            throw VenueRejection(code: -1125, message: "This listenKey does not exist.")
        }
        expiresAt = now + life
        return active
    }

    mutating func close() { active = nil }

    /// The key that has just died of age, if so.
    mutating func expire(at now: VenueInstant) -> String? {
        guard let key = active, now >= expiresAt else { return nil }
        active = nil
        return key
    }

    /// Ends the active key early.
    mutating func revoke() -> String? {
        defer { active = nil }
        return active
    }
}
