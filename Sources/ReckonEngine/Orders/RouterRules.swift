package import ReckonModel

/// Bounds and waits of the router.
///
/// All of them are the operator's to set.
package struct RouterRules: Sendable, Codable, Hashable {
    /// How long an answer may take before the outcome is in doubt.
    package var answerWithin: Span = .seconds(4)
    /// How long the venue may accept a signed request.
    package var window: Span = .seconds(2)
    /// A send that cannot be transmitted within this is dropped by the runner.
    package var transmitWithin: Span = .milliseconds(500)
    /// Added to the window before a not-found says anything.
    package var settleOrders: Span = .seconds(2)
    package var settleAlgoOrders: Span = .seconds(10)
    /// Conclusive not-founds lie at least this far apart, and this many are needed.
    package var notFoundSpacing: Span = .seconds(1)
    package var notFoundsNeeded: Int = 2
    package var backoff = Backoff(first: .milliseconds(200), cap: .seconds(5))
    package var askBackoff = Backoff(first: .milliseconds(400), cap: .seconds(30))
    /// Backoff between whole series of exits or stops (I-07).
    package var seriesBackoff = Backoff(first: .milliseconds(500), cap: .seconds(30))
    /// Cancels in a row before an alarm; the wish to have the order gone stays (I-07).
    package var maxCancelAttempts: Int = 5
    /// What one replacement may cost in cancels and in time, and how many an entry may have.
    package var maxReplaceCancels: Int = 4
    package var replaceWithin: Span = .seconds(12)
    package var maxReplacements: Int = 50
    package var maxAttempts: Int = 5
    package var maxElapsed: Span = .seconds(20)
    /// New generations of one entry.
    package var maxGenerations: Int = 3
    /// A full close in doubt goes out again after this.
    package var resendCloseAfter: Span = .milliseconds(300)
    package var maxCloseGenerations: Int = 4
    /// After this an entry in doubt is given up for good.
    package var giveUpDoubtAfter: Span = .seconds(72 * 3600)

    package init() {}

    package func settle(_ endpoint: OrderEndpoint) -> Span {
        switch endpoint {
        case .order: settleOrders
        case .algo: settleAlgoOrders
        }
    }
}
