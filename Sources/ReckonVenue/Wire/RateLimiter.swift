import ReckonModel

/// How much an address and an account may ask for.
package struct VenueLimits: Hashable, Sendable {
    package var weightPerMinute = 2_400
    package var ordersPerTenSeconds = 300
    package var ordersPerMinute = 1_200
    /// Refused requests within one minute after which an address is banned.
    package var refusalsBeforeBan = 30
    package var banSeconds: Int64 = 120

    package init() {}
}

/// Counts weight and orders in fixed windows, and bans who goes on after being told to stop.
struct RateLimiter: Sendable {
    enum Verdict: Sendable {
        case allowed
        case tooMuchWeight(retryAfter: Int64)
        case tooManyOrders(retryAfter: Int64, window: String)
        case banned(until: VenueInstant)
    }

    private struct Count: Sendable {
        var window: Int64 = -1
        var used = 0

        /// Total in the current window after adding.
        mutating func add(_ amount: Int, _ now: VenueInstant, length: Int64) -> Int {
            let current = now.milliseconds / length
            if current != window { self = Count(window: current, used: 0) }
            used += amount
            return used
        }
    }

    private struct Address: Sendable {
        var weight = Count()
        var refusals = Count()
        var bannedUntil: VenueInstant?
    }

    let limits: VenueLimits
    private var addresses = Table<String, Address>()
    private var tenSeconds = Count()
    private var minute = Count()

    init(limits: VenueLimits) { self.limits = limits }

    mutating func spend(_ weight: Int, from peer: String, at now: VenueInstant) -> Verdict {
        var address = addresses[peer] ?? Address()
        defer { addresses[peer] = address }
        if let until = address.bannedUntil {
            if now < until { return .banned(until: until) }
            address.bannedUntil = nil
        }
        let used = address.weight.add(weight, now, length: 60_000)
        guard used > limits.weightPerMinute else { return .allowed }
        if address.refusals.add(1, now, length: 60_000) > limits.refusalsBeforeBan {
            let until = now + .seconds(limits.banSeconds)
            address.bannedUntil = until
            return .banned(until: until)
        }
        return .tooMuchWeight(retryAfter: RateLimiter.rest(of: 60_000, at: now))
    }

    mutating func countOrders(_ orders: Int, at now: VenueInstant) -> Verdict {
        guard orders > 0 else { return .allowed }
        let short = tenSeconds.add(orders, now, length: 10_000)
        // However many a batch holds, a minute counts it once.
        let long = minute.add(1, now, length: 60_000)
        if short > limits.ordersPerTenSeconds {
            let words = "\(limits.ordersPerTenSeconds) orders per 10 SECOND"
            return .tooManyOrders(retryAfter: RateLimiter.rest(of: 10_000, at: now), window: words)
        }
        if long > limits.ordersPerMinute {
            let words = "\(limits.ordersPerMinute) orders per 1 MINUTE"
            return .tooManyOrders(retryAfter: RateLimiter.rest(of: 60_000, at: now), window: words)
        }
        return .allowed
    }

    mutating func usedWeight(_ peer: String, at now: VenueInstant) -> Int {
        addresses[peer, default: Address()].weight.add(0, now, length: 60_000)
    }

    mutating func orderCounts(at now: VenueInstant) -> (tenSeconds: Int, minute: Int) {
        (tenSeconds.add(0, now, length: 10_000), minute.add(0, now, length: 60_000))
    }

    /// Whole seconds until the window ends, at least one.
    private static func rest(of length: Int64, at now: VenueInstant) -> Int64 {
        let left = length - now.milliseconds % length
        return max(1, (left + 999) / 1_000)
    }
}
