import ReckonEngine
import ReckonHost
import ReckonModel
import Synchronization
import Testing

@Suite("Requests run side by side, each lane with room of its own")
struct ActionRunnerTests {
    private final class Told: Sendable {
        private let inputs = Mutex<[Input]>([])

        var all: [Input] { inputs.withLock { $0 } }

        func note(_ input: Input) { inputs.withLock { $0.append(input) } }
    }

    private static let failure = VenueFailure.unknown("stuck")

    /// A venue that never answers placements of entries until it is let go.
    private func stuckVenue(_ release: AsyncStream<Void>) -> VenuePort {
        VenuePort(
            place: { placement in
                if placement.ticket.role == .entry { for await _ in release {} }
                return .failure(ActionRunnerTests.failure)
            },
            query: { _ in .failure(ActionRunnerTests.failure) },
            cancel: { _ in .failure(ActionRunnerTests.failure) },
            snapshot: { _ in .failure(ActionRunnerTests.failure) },
            setLeverage: { _ in .failure(ActionRunnerTests.failure) }
        )
    }

    private func placement(_ role: OrderRole, number: Int, transmitBy: Instant) -> Placement {
        let ticket = OrderTicket(
            id: ClientOrderID("rk-t-e-i\(number)-1"),
            symbol: Symbol("BTCUSDT"),
            role: role,
            side: .buy,
            extent: role == .entry ? .opening(Quantity(units: 1)) : .reducing(Quantity(units: 1)),
            pricing: .market
        )
        return Placement(
            ticket: ticket,
            attempt: 1,
            timestamp: VenueInstant(milliseconds: 0),
            window: .seconds(2),
            transmitBy: transmitBy
        )
    }

    @Test("entries that hang hold up no exit, cancel or query, and all are answered in the end")
    func reservedRoom() async throws {
        let (release, handle) = AsyncStream<Void>.makeStream()
        let (clock, told) = (HostClock(), Told())
        let runner = ActionRunner(port: stuckVenue(release), clock: clock) { told.note($0) }
        let late = clock.now() + .seconds(60)
        for number in 0..<20 { runner.perform(.place(placement(.entry, number: number, transmitBy: late))) }
        runner.perform(.place(placement(.exit, number: 100, transmitBy: late)))
        let id = ClientOrderID("rk-t-e-i100-1")
        runner.perform(
            .query(OrderQuery(id: id, symbol: Symbol("BTCUSDT"), endpoint: .order, askedAt: clock.now()))
        )
        runner.perform(.cancel(Cancellation(id: id, symbol: Symbol("BTCUSDT"), endpoint: .order, attempt: 1)))
        while told.all.count < 3 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(runner.unanswered == 20)
        handle.finish()
        await runner.drain(within: .seconds(20))
        #expect(told.all.count == 23)
    }

    @Test("a countdown reaches the venue behind entries that hang, and its answer comes back")
    func countdown() async throws {
        let (release, handle) = AsyncStream<Void>.makeStream()
        let (clock, told) = (HostClock(), Told())
        var venue = stuckVenue(release)
        venue.setCountdown = { .success($0.span) }
        let runner = ActionRunner(port: venue, clock: clock) { told.note($0) }
        let late = clock.now() + .seconds(60)
        for number in 0..<20 { runner.perform(.place(placement(.entry, number: number, transmitBy: late))) }
        let wish = Countdown(symbol: Symbol("BTCUSDT"), span: .seconds(60))
        runner.perform(.setCountdown(wish))
        while told.all.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect(told.all == [.countdownSet(wish, .success(.seconds(60)))])
        handle.finish()
        await runner.drain(within: .seconds(20))
    }

    @Test("a placement that cannot leave in time is dropped and never reaches the venue")
    func dropped() async throws {
        let (release, handle) = AsyncStream<Void>.makeStream()
        handle.finish()
        let (clock, told) = (HostClock(), Told())
        let runner = ActionRunner(port: stuckVenue(release), clock: clock) { told.note($0) }
        let stale = placement(.exit, number: 1, transmitBy: clock.now() - .milliseconds(1))
        runner.perform(.place(stale))
        await runner.drain(within: .seconds(20))
        #expect(told.all == [.dropped(stale)])
    }
}
