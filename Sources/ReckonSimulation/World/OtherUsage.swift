import ReckonEngine
import ReckonModel

/// What others on the account use of the venue's windows for orders.
///
/// The venue counts theirs and ours together, and tells the sum; we see theirs nowhere else.
struct OtherUsage: Sendable {
    /// In 1e-2 of what a window allows, up to which they fill it; nothing where they are idle.
    private var share: Int64?
    private var minute = Window(length: 60_000)
    private var tenSeconds = Window(length: 10_000)

    private struct Window: Sendable {
        let length: Int64
        var number: Int64 = -1
        var used = 0

        init(length: Int64) { self.length = length }

        func used(at now: VenueInstant) -> Int { now.milliseconds / length == number ? used : 0 }

        mutating func fill(_ most: Int, at now: VenueInstant) {
            if now.milliseconds / length != number {
                number = now.milliseconds / length
                used = 0
            }
            used = max(used, most)
        }
    }

    mutating func begin(_ dice: inout Dice) { share = dice.roll(in: 20...58) }

    mutating func end() { share = nil }

    /// They order at the start of each window, all that they want of it.
    mutating func use(_ limits: RateLimits, at now: VenueInstant) {
        guard let share else { return }
        minute.fill(limits.ordersPerMinute * Int(share) / 100, at: now)
        tenSeconds.fill(limits.ordersPerTenSeconds * Int(share) / 100, at: now)
    }

    func used(at now: VenueInstant) -> (minute: Int, tenSeconds: Int) {
        (minute.used(at: now), tenSeconds.used(at: now))
    }
}
