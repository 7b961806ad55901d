import ReckonEngine
import ReckonModel

/// What operators look after: flattens, strangers, cover, the venue's limits.
extension Shape {
    static func flattens(_ book: FlattenBook) -> JSON {
        .list(
            book.rows.map { scope, flatten in
                [
                    "scope": .text(scope.name),
                    "reason": .text(flatten.reason),
                    "state": flatten.isDone ? "done" : "under_way",
                    "since": time(flatten.since),
                    "flat_sightings": .whole(flatten.sightings),
                    "first_flat_at": time(flatten.firstFlatAt),
                    "done_at": time(flatten.doneAt),
                    "closes": .list(
                        flatten.closes.map { symbol, close in
                            [
                                "symbol": .text(symbol.name), "count": .whole(close.count),
                                "last_at": time(close.at),
                            ]
                        }
                    ),
                ]
            }
        )
    }

    static func sharing(_ book: SharingBook) -> JSON {
        func rows(_ orders: Table<ClientOrderID, Stranger>) -> JSON {
            .list(orders.map { ["client_order_id": .text($0.key.text), "why": .text($0.value.rawValue)] })
        }
        return [
            "shared": .flag(book.isShared), "strangers": rows(book.strangers),
            "resolved": rows(book.resolved),
        ]
    }

    static func pacing(_ pacing: PacingView) -> JSON {
        [
            "paused_until": time(pacing.pausedUntil),
            "entries_paused_until": time(pacing.entriesPausedUntil),
            "stretched": .flag(pacing.isStretched),
        ]
    }

    /// How long a symbol has stood with too little cover, over all its positions and up to now.
    static func naked(_ holding: Holding, _ now: Instant) -> Span {
        holding.nakedTotal + (holding.nakedSince.map { now - $0 } ?? .zero)
    }
}

extension Snapshot {
    /// Whether no posture that holds for the whole account closes entries.
    var mayEnter: Bool {
        enforced.allowEntries && haltedByOperator == nil && !sharing.isShared
            && flattens.rows[.account] == nil
    }
}
