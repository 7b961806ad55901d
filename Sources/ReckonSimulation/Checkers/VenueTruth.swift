import ReckonExchange
import ReckonModel

/// Finds the orders of the exchange's record by the id that the engine gave them.
///
/// Holds no copy of the record: one would make each of the exchange's changes copy it whole.
struct VenueTruth {
    private var byClient: Table<ClientOrderID, [VenueOrderID]> = Table()
    private var byClientConditional: Table<ClientOrderID, [VenueOrderID]> = Table()
    private var ordersSeen = 0
    private var conditionalsSeen = 0

    /// Takes in the record as it has grown; gives the orders that are new in it.
    mutating func grow(to record: ExchangeRecord) -> [RecordedOrder] {
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

    func orders(under id: ClientOrderID, in record: ExchangeRecord) -> [RecordedOrder] {
        (byClient[id] ?? []).compactMap { record.orders[$0] }
            + (byClientConditional[id] ?? []).compactMap { record.algoOrders[$0] }
    }
}
