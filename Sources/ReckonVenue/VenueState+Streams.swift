import NIOCore
import ReckonExchange
import ReckonModel

// What goes out on the streams.
extension VenueState {
    /// Everything the clock brings: prices, streams, timed faults, ages of keys and connections.
    mutating func tick() -> [Delivery] {
        let now = catchUp()
        gate.watchWindows(at: now)
        var out = strike(at: now)
        out += userEvents(at: now)
        out += marketEvents(at: now)
        out += upkeep(at: now)
        remember()
        return out
    }

    /// Timed faults that are due.
    private mutating func strike(at now: VenueInstant) -> [Delivery] {
        var out: [Delivery] = []
        for index in gate.due(.stopCancelled, at: now) {
            let symbols = gate.symbol(ofRule: index).map { [$0] } ?? exchange.markets.keys
            for symbol in symbols {
                guard let stop = exchange.cancelStopByHand(symbol) else { continue }
                gate.spend(index, subject: "\(symbol) \(stop.clientID)", at: now)
                break
            }
        }
        for index in gate.due(.listenKeyExpired, at: now) {
            guard let key = keys.active, sessions.values.contains(where: { $0.hears(key: key, event: "") })
            else {
                continue
            }
            if let revoked = keys.revoke() { out += keyDied(revoked, at: now) }
            gate.spend(index, subject: "listen key", at: now)
        }
        if gate.isOn(.disconnect, at: now) {
            for session in sessions.values where session.isForUser {
                out.append(Delivery(channel: session.channel, content: .close))
            }
        }
        return out
    }

    /// What the exchange has to tell, to whoever holds the key.
    mutating func userEvents(at now: VenueInstant) -> [Delivery] {
        let events = exchange.drainEvents()
        guard let key = keys.active else { return [] }
        var out: [Delivery] = []
        for event in events {
            guard let wire = event.wire else { continue }
            let listeners = sessions.values.filter { $0.hears(key: key, event: wire.type) }
            guard !listeners.isEmpty else { continue }
            let (copies, late) = gate.passes(wire.json.rendered, at: now)
            for session in listeners {
                let text = session.text(wire.json, of: key)
                for _ in 0..<copies {
                    out.append(
                        Delivery(channel: session.channel, content: .text(text), lateMilliseconds: late)
                    )
                }
            }
        }
        return out
    }

    private func keyDied(_ key: String, at now: VenueInstant) -> [Delivery] {
        let event: JSON = ["e": "listenKeyExpired", "E": .time(now), "listenKey": .text(key)]
        return sessions.values.filter { $0.hears(key: key, event: "listenKeyExpired") }.map { session in
            Delivery(channel: session.channel, content: .text(session.text(event, of: key)))
        }
    }

    private mutating func marketEvents(at now: VenueInstant) -> [Delivery] {
        var out: [Delivery] = []
        for number in sessions.keys {
            guard var session = sessions[number] else { continue }
            for (index, subscription) in session.subscriptions.enumerated() {
                guard let feed = MarketFeed(subscription.name) else { continue }
                let mark = feed.mark(exchange, at: now)
                guard mark != subscription.lastMark else { continue }
                session.mark(index, mark)
                guard let payload = feed.payload(exchange, at: now) else { continue }
                let text = session.text(payload, of: subscription.name)
                out.append(Delivery(channel: session.channel, content: .text(text)))
            }
            sessions[number] = session
        }
        return out
    }

    private mutating func upkeep(at now: VenueInstant) -> [Delivery] {
        var out: [Delivery] = []
        if let key = keys.expire(at: now) { out += keyDied(key, at: now) }
        for number in sessions.keys {
            guard let session = sessions[number] else { continue }
            if now >= session.openedAt + settings.connectionLife {
                out.append(Delivery(channel: session.channel, content: .close))
            } else if now >= session.pingedAt + settings.pingInterval {
                sessions.update(number) { $0.pingedAt = now }
                out.append(Delivery(channel: session.channel, content: .ping))
            }
        }
        return out
    }
}

/// One market stream by its name.
private struct MarketFeed {
    enum Kind {
        case book
        case mark(everySeconds: Int64)
        case trade
    }

    let kind: Kind
    /// Absent means all symbols.
    let symbol: Symbol?

    init?(_ name: String) {
        let parts = name.split(separator: "@").map { $0.lowercased() }
        guard let first = parts.first else { return nil }
        let isFast = parts.contains("1s")
        switch (first, parts.count > 1 ? parts[1] : "") {
        case ("!bookticker", _):
            kind = .book
            symbol = nil
        case ("!markprice", _):
            kind = .mark(everySeconds: isFast ? 1 : 3)
            symbol = nil
        case (_, "bookticker"):
            kind = .book
            symbol = Symbol(first.uppercased())
        case (_, "markprice"):
            kind = .mark(everySeconds: isFast ? 1 : 3)
            symbol = Symbol(first.uppercased())
        case (_, "aggtrade"):
            kind = .trade
            symbol = Symbol(first.uppercased())
        default: return nil
        }
    }

    /// Differs from the last one when there is something new to send.
    func mark(_ exchange: Exchange, at now: VenueInstant) -> Int64 {
        switch kind {
        case .mark(let seconds): return now.milliseconds / (seconds * 1_000)
        case .book, .trade:
            guard let symbol else { return now.milliseconds / 5_000 }
            return exchange.markets[symbol]?.updateNumber ?? -1
        }
    }

    func payload(_ exchange: Exchange, at now: VenueInstant) -> JSON? {
        guard let symbol else {
            switch kind {
            case .mark: return .array(exchange.markets.values.map { $0.markPriceEvent(at: now) })
            case .book, .trade: return exchange.markets.values.first?.bookTickerEvent(at: now)
            }
        }
        guard let market = exchange.markets[symbol] else { return nil }
        switch kind {
        case .book: return market.bookTickerEvent(at: now)
        case .mark: return market.markPriceEvent(at: now)
        case .trade: return market.aggTradeEvent(at: now)
        }
    }
}
