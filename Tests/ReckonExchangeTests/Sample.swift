import ReckonExchange
import ReckonModel

let bitcoin = Symbol("BTCUSDT")
let ether = Symbol("ETHUSDT")

func price(_ text: String) -> Price { (try? Price(parsing: text)) ?? .zero }

func quantity(_ text: String) -> Quantity { (try? Quantity(parsing: text)) ?? .zero }

func notional(_ text: String) -> Notional { (try? Notional(parsing: text)) ?? .zero }

/// An exchange whose prices stand still until a test moves them.
func stillExchange(balance: String = "10000", symbols: [Symbol] = [bitcoin, ether]) -> Exchange {
    var configuration = ExchangeConfiguration(symbols: symbols)
    configuration.startingBalance = notional(balance)
    for index in configuration.markets.indices {
        guard case .seeded(let walk) = configuration.markets[index].source else { continue }
        let point = PricePoint(offset: .zero, price: walk.start)
        configuration.markets[index].source = .recorded(RecordedPrices(points: [point]))
    }
    return Exchange(configuration: configuration, seed: 7)
}

func livelyExchange(seed: UInt64, balance: String = "10000") -> Exchange {
    var configuration = ExchangeConfiguration(symbols: [bitcoin, ether])
    configuration.startingBalance = notional(balance)
    for index in configuration.markets.indices {
        guard case .seeded(var walk) = configuration.markets[index].source else { continue }
        walk.volatility = 600_000
        configuration.markets[index].source = .seeded(walk)
        configuration.markets[index].depthPerLevel = notional("3000")
    }
    return Exchange(configuration: configuration, seed: seed)
}

extension Exchange {
    /// Moves time on by so many milliseconds.
    mutating func wait(_ milliseconds: Int64) { advance(to: now + .milliseconds(milliseconds)) }

    func held(_ symbol: Symbol) -> Quantity { position(of: symbol)?.quantity ?? .zero }
}

func limit(_ side: Side, _ size: String, at text: String, _ timeInForce: TimeInForce = .goodTillCancel)
    -> OrderRequest
{
    var request = OrderRequest(symbol: bitcoin, side: side, type: .limit, quantity: quantity(size))
    request.price = price(text)
    request.timeInForce = timeInForce
    return request
}

/// The refusal that a call meets, or `nil`.
func refusal(_ body: () throws -> Void) -> VenueRejection? {
    do {
        try body()
        return nil
    } catch {
        return error as? VenueRejection
    }
}
