import ReckonModel

/// One step in progress: its time, its outbox, and the symbols that it has touched.
struct Turn {
    let now: Instant
    var outbox: Outbox
    private(set) var touched: [Symbol] = []

    init(now: Instant, outbox: Outbox) {
        self.now = now
        self.outbox = outbox
    }

    mutating func touch(_ symbol: Symbol) {
        if !touched.contains(symbol) { touched.append(symbol) }
    }

    mutating func takeTouched() -> [Symbol] {
        defer { touched.removeAll() }
        return touched.sorted()
    }

    mutating func notify(
        _ name: Notice.Name,
        _ correlation: CorrelationID? = nil,
        _ symbol: Symbol? = nil,
        _ fields: [Notice.Field] = []
    ) {
        outbox.perform(.notify(Notice(name, correlation: correlation, symbol: symbol, fields)))
    }
}
