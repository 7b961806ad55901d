import ReckonEngine
import ReckonHost
import ReckonModel

/// Versions of the policy: which one is at work, which were, and how the last change ended.
extension Shape {
    static func policyCard(_ card: PolicyCard) -> JSON {
        [
            "name": .text(card.identity.name),
            "version": .text(card.identity.version),
            "digest": .text(card.identity.digest),
            "revision": card.identity.revision.map { .whole($0) } ?? .null,
            "signer": .optional(card.signer),
            "directory": .text(card.directory),
            "params": .object(card.parameters.map { JSON.Member($0.key, .figure($0.value)) }),
        ]
    }

    private static func identity(_ identity: PolicyIdentity?) -> JSON {
        guard let identity else { return .null }
        return [
            "name": .text(identity.name), "version": .text(identity.version),
            "digest": .text(identity.digest),
            "revision": identity.revision.map { .whole($0) } ?? .null,
        ]
    }

    static func latest(_ history: PolicyHistory) -> JSON {
        history.latest.map { change($0.change, at: $0.at) } ?? .null
    }

    static func change(_ change: PolicyChange, at instant: Instant?) -> JSON {
        var members: [JSON.Member] = [
            .init("at", time(instant)), .init("trigger", .text(change.trigger.rawValue)),
            .init("reason", .text(change.reason)), .init("from", identity(change.from)),
            .init("to", identity(change.to)),
        ]
        switch change.outcome {
        case .swapped(let handover):
            members += [
                .init("outcome", "swapped"), .init("state", .text(handover.kind.rawValue)),
                .init("why", .text(handover.why)),
            ]
        case .unchanged: members.append(.init("outcome", "unchanged"))
        case .refused(let refusal):
            members += [
                .init("outcome", "refused"),
                .init(
                    "problem",
                    [
                        "code": .text(refusal.code), "file": .text(refusal.file),
                        "line": .whole(refusal.line), "message": .text(refusal.message),
                    ]
                ),
            ]
        }
        return .object(members)
    }

    static func versions(_ kept: [PolicyIdentity], _ history: PolicyHistory) -> JSON {
        .list(
            kept.map { version in
                let row = history.rows.last { $0.identity.digest == version.digest }
                return [
                    "digest": .text(version.digest), "name": .text(version.name),
                    "version": .text(version.version),
                    "revision": version.revision.map { .whole($0) } ?? .null,
                    "active": .flag(history.rows.last?.identity.digest == version.digest),
                    "loaded_at": time(row?.loadedAt),
                    "clean_verdicts": .whole(row?.cleanInRow ?? 0),
                    "faults": .whole(row?.faults ?? 0),
                    "quarantined": .flag(row?.isQuarantined ?? false),
                ]
            }
        )
    }

    static func demands(_ demands: PolicyDemands) -> JSON {
        [
            "digest": .optional(demands.pinnedDigest), "keys": .texts(demands.keys),
            "least_revision": .whole(demands.leastRevision), "watched": .flag(demands.isWatched),
        ]
    }

    static func shadow(_ tally: ShadowTally, _ card: PolicyCard?) -> JSON {
        [
            "name": .text(tally.identity.name), "version": .text(tally.identity.version),
            "digest": .text(tally.identity.digest), "directory": .optional(card?.directory),
            "reason": .text(tally.reason), "champion": .text(tally.champion),
            "tick": .whole(tally.tick), "compared": .whole(tally.compared),
            "disagreements": .whole(tally.disagreements), "faults": .whole(tally.faults),
            "skipped": .whole(tally.skipped),
            "knobs": .object(
                tally.knobs.map { knob, count in
                    JSON.Member(
                        knob,
                        ["looser": .whole(count.looser), "tighter": .whole(count.tighter)]
                    )
                }
            ),
        ]
    }
}
