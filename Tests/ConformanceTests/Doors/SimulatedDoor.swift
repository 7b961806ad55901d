import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation

/// The exchange as the simulated world shows it to an engine.
struct SimulatedDoor: Door {
    private var exchange: Exchange

    init(_ premises: Premises) {
        exchange = Exchange(configuration: premises.configuration, seed: premises.seed)
    }

    mutating func ask(_ request: VenueCall.Request) async -> Input {
        if let refusal = VirtualDoor.refusal(of: request, at: exchange.now) { return request.failed(refusal) }
        return VirtualDoor.carryOut(request, on: &exchange)
    }

    mutating func happen(_ event: Happening) async {
        exchange.advance(to: exchange.now + event.elapsed)
        event.happen(to: &exchange)
    }

    mutating func heard(atLeast count: Int) async -> [Input] {
        exchange.drainEvents().compactMap { VirtualDoor.heard($0) }
    }
}
