import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation

/// One way to reach the same exchange: in process, as the simulator does, or over the wire.
protocol Door {
    /// Carries out one request, and gives what the engine would be told.
    mutating func ask(_ request: VenueCall.Request) async -> Input

    /// Lets time pass, or does something to the exchange behind the engine's back.
    mutating func happen(_ event: Happening) async

    /// What the user stream has told since the last call; waits for `count` of them where it takes time.
    mutating func heard(atLeast count: Int) async -> [Input]
}

/// What no request of ours brings about.
enum Happening: Sendable {
    case time(milliseconds: Int64)
    case jump(Symbol, Price)
    case tradeByHand(Symbol, Side, Quantity)
    case closeByHand(Symbol)
    case strikeStopByHand(Symbol)
    case deleverage(Symbol, Quantity)

    /// Does it to an exchange whose clock says `now`.
    func happen(to exchange: inout Exchange) {
        switch self {
        case .time: break
        case .jump(let symbol, let price): exchange.jump(symbol, to: price)
        case .tradeByHand(let symbol, let side, let quantity): exchange.tradeByHand(symbol, side, quantity)
        case .closeByHand(let symbol): _ = exchange.closeByHand(symbol)
        case .strikeStopByHand(let symbol): _ = exchange.cancelStopByHand(symbol)
        case .deleverage(let symbol, let quantity): exchange.autoDeleverage(symbol, by: quantity)
        }
    }

    var elapsed: Span {
        if case .time(let milliseconds) = self { .milliseconds(milliseconds) } else { .zero }
    }
}

/// The exchange that all doors of one story lead to.
struct Premises: Sendable {
    var configuration: ExchangeConfiguration
    var seed: UInt64 = 7

    static let bitcoin = Symbol("BTCUSDT")
    static let ether = Symbol("ETHUSDT")
    static let start = VenueInstant(milliseconds: 1_700_000_000_000)

    /// Prices that stand still until somebody moves them.
    static var still: Premises { Premises(volatility: 0, jumpsPerDay: 0, depth: 100_000) }

    /// Prices that move enough to set stops off, and a thin book.
    static func lively(_ seed: UInt64) -> Premises {
        var premises = Premises(volatility: 600_000, jumpsPerDay: 2_000, depth: 600)
        premises.seed = seed
        // Poor, and with a floor for orders, so that walks meet the limits of both.
        premises.configuration.startingBalance = Notional(units: 3_000 * Notional.scale)
        premises.configuration.markets[0].instrument.minNotional = Notional(units: 100 * Notional.scale)
        return premises
    }

    /// The same with a long and a short position an instrument.
    var hedged: Premises {
        var premises = self
        premises.configuration.isHedged = true
        return premises
    }

    private init(volatility: Int64, jumpsPerDay: Int64, depth: Int64) {
        configuration = ExchangeConfiguration(symbols: [Premises.bitcoin, Premises.ether])
        configuration.startsAt = Premises.start
        for index in configuration.markets.indices {
            guard case .seeded(var walk) = configuration.markets[index].source else { continue }
            walk.volatility = volatility
            walk.jumpsPerDay = jumpsPerDay
            configuration.markets[index].source = .seeded(walk)
            configuration.markets[index].depthPerLevel = Notional(units: depth * Notional.scale)
        }
    }
}
