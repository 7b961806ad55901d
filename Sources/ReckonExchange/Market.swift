package import ReckonModel

/// A piece of an execution: so much at such a price.
struct Piece: Sendable {
    let price: Price
    let quantity: Quantity
}

/// Prices and book of one symbol at the current step.
package struct Market: Sendable {
    package let configuration: MarketConfiguration
    package private(set) var mark: Price = .zero
    package private(set) var last: Price = .zero
    package private(set) var bid: Price = .zero
    package private(set) var ask: Price = .zero
    /// When the prices last moved.
    package private(set) var updatedAt: VenueInstant
    /// Grows with each step.
    package private(set) var updateNumber: Int64 = 0

    private let seed: UInt64
    private var path: PricePath
    /// What has been taken from each side of the book since the last step.
    private var boughtNow: Quantity = .zero
    private var soldNow: Quantity = .zero

    init(configuration: MarketConfiguration, seed: UInt64, stepMilliseconds: Int64, at now: VenueInstant) {
        self.configuration = configuration
        self.seed = Dice.digest("market " + configuration.instrument.symbol.name, from: seed)
        self.updatedAt = now
        path = PricePath(
            source: configuration.source,
            stepMilliseconds: stepMilliseconds,
            dice: Dice(seed: self.seed)
        )
        settle()
    }

    package var instrument: Instrument { configuration.instrument }

    mutating func step(elapsed: Span, at now: VenueInstant) {
        path.step(elapsed: elapsed)
        refresh(at: now)
    }

    mutating func feed(_ point: PricePoint) { path.feed(point) }

    var nextFed: Span? { path.nextFed }

    mutating func followFed(at now: VenueInstant) {
        path.followFed()
        refresh(at: now)
    }

    mutating func jump(to price: Price, at now: VenueInstant) {
        path.jump(to: price)
        refresh(at: now)
    }

    private mutating func refresh(at now: VenueInstant) {
        updatedAt = now
        updateNumber += 1
        boughtNow = .zero
        soldNow = .zero
        settle()
    }

    private mutating func settle() {
        let tick = instrument.tickSize
        mark = path.price
        bid = max(mark.rounded(.down, toMultipleOf: tick), tick)
        ask = bid + tick * max(configuration.levelTicks, 1)
        last = draw(0) & 1 == 0 ? ask : bid
    }

    /// A number that hangs on the seed, the step and a purpose alone.
    private func draw(_ purpose: UInt64) -> UInt64 {
        var dice = Dice(seed: seed &+ UInt64(updateNumber) &* 0x1_0000_0001 &+ purpose << 40)
        return dice.next()
    }

    /// What rests at the best prices.
    package var bidQuantity: Quantity { levelQuantity(.sell, 0) }

    package var askQuantity: Quantity { levelQuantity(.buy, 0) }

    /// What rests at one level for a taker on that side.
    private func levelQuantity(_ side: Side, _ level: Int64) -> Quantity {
        let share = 50 + Int64(draw(UInt64(level) * 2 + (side == .buy ? 1 : 2)) % 101)
        let worth = configuration.depthPerLevel.scaled(by: share, over: 100, rounding: .down)
        let price = side == .buy ? ask : bid
        let quantity = worth.quantity(at: price).rounded(.down, toMultipleOf: instrument.stepSize)
        return max(quantity, instrument.stepSize)
    }

    private static let deepestLevel: Int64 = 60

    /// What a taker would get right now, best price first, not beyond `worst`.
    func sweep(_ side: Side, _ wanted: Quantity, worst: Price) -> [Piece] {
        var pieces: [Piece] = []
        var left = wanted
        var alreadyTaken = side == .buy ? boughtNow : soldNow
        for level in 0..<Market.deepestLevel where left.isPositive {
            let away = instrument.tickSize * (level * max(configuration.levelTicks, 1))
            let price = side == .buy ? ask + away : bid - away
            guard price.isPositive, side == .buy ? price <= worst : price >= worst else { break }
            let resting = levelQuantity(side, level)
            let gone = min(resting, alreadyTaken)
            alreadyTaken -= gone
            let piece = min(resting - gone, left)
            guard piece.isPositive else { continue }
            pieces.append(Piece(price: price, quantity: piece))
            left -= piece
        }
        return pieces
    }

    mutating func take(_ side: Side, _ quantity: Quantity) {
        switch side {
        case .buy: boughtNow += quantity
        case .sell: soldNow += quantity
        }
    }

    /// The worst price at which a market order may execute.
    func takeBound(_ side: Side) -> Price {
        let bound = configuration.marketTakeBound
        switch side {
        case .buy: return mark.scaled(by: 10_000 + bound, over: 10_000, rounding: .up)
        case .sell: return mark.scaled(by: 10_000 - bound, over: 10_000, rounding: .down)
        }
    }

    /// How much of a resting order the step's trading takes.
    ///
    /// Drawn by the order's own id, so that no other order shifts it.
    func makerFill(of order: ExchangeOrder) -> Quantity {
        let reached = order.side == .buy ? ask <= order.price : bid >= order.price
        guard reached else { return .zero }
        let left = order.remaining
        let depth = order.side == .buy ? order.price - ask : bid - order.price
        if depth >= instrument.tickSize * 20 { return left }
        let roll = Dice.digest("maker \(order.clientID.text) \(updateNumber)", from: seed) % 4
        guard roll == 0 else { return left }
        let part = Quantity(units: left.units / 2).rounded(.down, toMultipleOf: instrument.stepSize)
        return part.isPositive ? part : left
    }

    package func bracket(for notional: Notional) -> LeverageBracket? {
        configuration.brackets.first { notional <= $0.cap } ?? configuration.brackets.last
    }

    /// Largest position that a leverage allows.
    package func maxNotional(at leverage: Int) -> Notional {
        configuration.brackets.last { $0.maxLeverage >= leverage }?.cap ?? .zero
    }
}
