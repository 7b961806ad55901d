import Foundation
import ReckonModel
import ReckonVenue

/// A venue of our own on a loopback socket in this process.
struct EmbeddedVenue: Sendable {
    let server: VenueServer
    let endpoint: VenueEndpoint

    /// Starts one; `seed` decides prices, fills and faults, `faults` is a profile's name or a fault plan's path.
    ///
    /// Legs among the symbols make its account a hedged one.
    ///
    /// Without credentials it makes some of its own, so that nobody else trades on it.
    static func start(
        symbols: [Symbol],
        seed: UInt64,
        faults: String,
        credentials: (key: String, secret: String)? = nil,
        limits: VenueLimits = VenueLimits()
    ) async throws -> EmbeddedVenue {
        let (key, secret) = credentials ?? (key: "embedded", secret: UUID().uuidString)
        var instruments: [Symbol] = []
        for symbol in symbols where !instruments.contains(symbol.instrument) {
            instruments.append(symbol.instrument)
        }
        var settings = VenueSettings(
            symbols: instruments,
            seed: seed,
            faults: try plan(faults, seed: seed),
            credentials: VenueCredentials(key: key, secret: secret)
        )
        settings.limits = limits
        settings.isHedged = symbols.contains { $0.leg != nil }
        let server = try await VenueServer.start(settings)
        let endpoint = try VenueEndpoint(url: server.address.httpURL, apiKey: key, secret: secret)
        return EmbeddedVenue(server: server, endpoint: endpoint)
    }

    /// A journal that no earlier run has written to.
    static func freshJournal() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "reckon-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent("reckon.sqlite").path
    }

    private static func plan(_ faults: String, seed: UInt64) throws -> FaultPlan {
        if let profile = FaultPlan.profile(faults, seed: seed) { return profile }
        guard let text = try? String(contentsOfFile: faults, encoding: .utf8) else {
            let names = FaultPlan.profileNames.joined(separator: ", ")
            throw Complaint(
                "--faults: found \"\(faults.prefix(60))\", allowed \(names), or a readable JSON file"
            )
        }
        return try FaultFile.plan(from: text, named: faults)
    }
}
