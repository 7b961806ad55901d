package import ReckonModel

/// Where a symbol's prices come from.
package enum PriceSource: Hashable, Sendable {
    case seeded(JumpDiffusion)
    /// Known prices by time since the start, oldest first; the last one stays.
    case recorded(RecordedPrices)
    /// Prices that come from outside while the exchange runs, by `Exchange.feed`; the last one stays.
    case fed(start: Price)

    var isFed: Bool {
        guard case .fed = self else { return false }
        return true
    }
}

/// Known prices, oldest first.
package struct RecordedPrices: Hashable, Sendable {
    package let points: [PricePoint]

    package init(points: [PricePoint]) { self.points = points }
}

/// A price that holds from a moment on.
package struct PricePoint: Hashable, Sendable {
    /// Since the start of the exchange.
    package let offset: Span
    package let price: Price

    package init(offset: Span, price: Price) {
        self.offset = offset
        self.price = price
    }
}

/// A sudden move at a known time.
package struct PriceShock: Hashable, Sendable {
    package let offset: Span
    /// 1e-9 of the price; below zero is a fall.
    package let size: Int64

    package init(offset: Span, size: Int64) {
        self.offset = offset
        self.size = size
    }
}

/// A walk with normal small moves and rare large ones.
///
/// All rates are whole numbers, so every machine agrees.
package struct JumpDiffusion: Hashable, Sendable {
    package var start: Price
    /// 1e-9 of the price, one standard deviation over one second.
    package var volatility: Int64
    package var jumpsPerDay: Int64
    /// 1e-9 of the price, one standard deviation of a jump.
    package var jumpSize: Int64
    /// 1e-9 of the price, over one second.
    package var drift: Int64
    package var shocks: [PriceShock]

    package init(
        start: Price,
        volatility: Int64 = 90_000,
        jumpsPerDay: Int64 = 24,
        jumpSize: Int64 = 3_000_000
    ) {
        self.start = start
        self.volatility = volatility
        self.jumpsPerDay = jumpsPerDay
        self.jumpSize = jumpSize
        self.drift = 0
        self.shocks = []
    }
}

/// The fair price of one symbol, step by step.
///
/// Draws only from its own dice, so that nothing an account does can shift it.
struct PricePath: Sendable {
    private(set) var price: Price
    private let source: PriceSource
    private let stepMilliseconds: Int64
    private let floor: Price
    private let ceiling: Price
    private let smallMove: Int64
    private var smallDice: Dice
    private var jumpDice: Dice
    private var nextPoint = 0
    /// Points that were fed and whose time has not come.
    private var waiting: [PricePoint] = []

    init(source: PriceSource, stepMilliseconds: Int64, dice: Dice) {
        self.source = source
        self.stepMilliseconds = stepMilliseconds
        smallDice = dice.child("small")
        jumpDice = dice.child("jump")
        switch source {
        case .seeded(let walk):
            price = walk.start
            // A square root is exactly rounded everywhere; other powers are not.
            let root = (Double(stepMilliseconds) / 1_000).squareRoot()
            smallMove = Int64(Double(walk.volatility) * root)
        case .recorded(let recorded):
            price = recorded.points.first?.price ?? .zero
            smallMove = 0
        case .fed(let start):
            price = start
            smallMove = 0
        }
        floor = price.scaled(by: 1, over: 50, rounding: .up)
        ceiling = price * 50
    }

    /// Moves on by one step, the one that ends `elapsed` after the start.
    mutating func step(elapsed: Span) {
        switch source {
        case .seeded(let walk): walkOn(walk, elapsed: elapsed)
        case .recorded(let recorded):
            while nextPoint < recorded.points.count, recorded.points[nextPoint].offset <= elapsed {
                price = recorded.points[nextPoint].price
                nextPoint += 1
            }
        case .fed: while let next = nextFed, next <= elapsed { followFed() }
        }
    }

    mutating func feed(_ point: PricePoint) { waiting.append(point) }

    /// When the next point that was fed is due.
    var nextFed: Span? { nextPoint < waiting.count ? waiting[nextPoint].offset : nil }

    /// Takes on the next point that was fed.
    mutating func followFed() {
        guard nextPoint < waiting.count else { return }
        price = waiting[nextPoint].price
        nextPoint += 1
        guard nextPoint == waiting.count else { return }
        waiting.removeAll(keepingCapacity: true)
        nextPoint = 0
    }

    /// Puts the price elsewhere; the walk goes on from there.
    mutating func jump(to other: Price) { price = other }

    private mutating func walkOn(_ walk: JumpDiffusion, elapsed: Span) {
        var move = smallMove * PricePath.normal(&smallDice) / 65_536
        move += walk.drift * stepMilliseconds / 1_000
        let jumped = jumpDice.chance(UInt64(max(walk.jumpsPerDay, 0) * stepMilliseconds), in: 86_400_000)
        let size = PricePath.normal(&jumpDice)
        if jumped { move += walk.jumpSize * size / 65_536 }
        let before = elapsed - .milliseconds(stepMilliseconds)
        for shock in walk.shocks where shock.offset > before && shock.offset <= elapsed { move += shock.size }
        let bounded = max(move, -900_000_000)
        let moved = price.scaled(by: 1_000_000_000 + bounded, over: 1_000_000_000, rounding: .down)
        price = min(max(moved, floor), ceiling)
    }

    /// A standard normal draw in units of 1/65,536: twelve uniform draws, centred.
    private static func normal(_ dice: inout Dice) -> Int64 {
        var sum: Int64 = 0
        for _ in 0..<3 {
            let word = dice.next()
            for part in 0..<4 { sum += Int64((word >> (UInt64(part) * 16)) & 0xFFFF) }
        }
        return sum - 6 * 65_536
    }
}
