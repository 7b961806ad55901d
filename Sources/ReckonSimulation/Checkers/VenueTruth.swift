import ReckonExchange
import ReckonModel

/// The exchange's record, with its orders found by the id that the engine gave them.
struct VenueTruth {
    private(set) var record: ExchangeRecord
    private var byClient: Table<ClientOrderID, [VenueOrderID]> = Table()
    private var byClientConditional: Table<ClientOrderID, [VenueOrderID]> = Table()
    private var ordersSeen = 0
    private var conditionalsSeen = 0

    init(startsAt: VenueInstant) { record = ExchangeRecord(startsAt: startsAt) }

    /// Takes in the record as it has grown; gives the orders that are new in it.
    mutating func grow(to record: ExchangeRecord) -> [RecordedOrder] {
        self.record = record
        var fresh: [RecordedOrder] = []
        while ordersSeen < record.orders.count {
            let order = record.orders.values[ordersSeen]
            byClient[order.clientID, default: []].append(order.id)
            fresh.append(order)
            ordersSeen += 1
        }
        while conditionalsSeen < record.algoOrders.count {
            let order = record.algoOrders.values[conditionalsSeen]
            byClientConditional[order.clientID, default: []].append(order.id)
            fresh.append(order)
            conditionalsSeen += 1
        }
        return fresh
    }

    func orders(under id: ClientOrderID) -> [RecordedOrder] {
        (byClient[id] ?? []).compactMap { record.orders[$0] }
            + (byClientConditional[id] ?? []).compactMap { record.algoOrders[$0] }
    }

    func position(_ symbol: Symbol) -> Quantity {
        record.positions.last { $0.symbol == symbol }?.quantity ?? .zero
    }
}
