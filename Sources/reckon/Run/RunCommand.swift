import ArgumentParser
import Foundation
import ReckonCommands
import ReckonEngine
import ReckonHost
import ReckonModel
import ReckonVenue

/// `reckon run`: the engine, its API, and the venue that it is told.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the engine and its HTTP API.",
        discussion: """
            Settings come from reckon.toml in this folder, or from --config; options override them. Secrets come from \
            files with mode 0600 or from RECKON_VENUE_KEY, RECKON_VENUE_SECRET and RECKON_API_TOKEN. Ctrl-C ends the \
            run in good order.
            """
    )

    @Option(help: ArgumentHelp("The configuration file.", valueName: "reckon.toml"))
    var config: String?

    @Option(help: ArgumentHelp("The policy's directory.", valueName: "dir"))
    var policy: String?

    @Option(help: ArgumentHelp("A policy that looks on and is compared.", valueName: "dir"))
    var shadow: String?

    @Option(name: .customLong("set"), help: "Override a policy's parameter; may be given several times.")
    var settings: [ParameterSetting] = []

    @Option(help: ArgumentHelp("Where to trade.", valueName: "embedded|binance|binance-demo|url"))
    var venue: String?

    @Option(help: ArgumentHelp("Where the API listens.", valueName: "host:port"))
    var api: String?

    @Option(help: ArgumentHelp("The journal's file.", valueName: "file"))
    var journal: String?

    @Option(help: ArgumentHelp("End after so many seconds, counted from ready.", valueName: "seconds"))
    var duration: Double?

    @Flag(help: "Run a sample strategy against an embedded venue with faults, and show a live status.")
    var demo = false

    @Flag(help: "With --demo: show nothing, and print the figures as one JSON document at the end.")
    var json = false

    @Option(help: "Seed of the embedded venue and of the sample strategy.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Faults of the embedded venue.", valueName: "profile|file"))
    var faults: String?

    func run() async throws {
        do {
            if let duration, !(duration > 0 && duration <= 31_536_000) {
                throw Complaint("--duration: found \(duration), allowed seconds above 0, at most 31536000")
            }
            guard demo || !json else { throw Complaint("--json: found without --demo, allowed with it only") }
            let configuration = try resolvedConfiguration()
            if demo {
                try await runDemo(configuration)
            } else {
                try await runEngine(configuration)
            }
        } catch let code as ExitCode {
            throw code
        } catch {
            throw Complaint.exit("run", error)
        }
    }

    /// The file's settings under the options.
    private func resolvedConfiguration() throws -> HostConfiguration {
        var configuration = HostConfiguration()
        if let config {
            configuration = try HostConfiguration(reading: config)
        } else if FileManager.default.fileExists(atPath: "reckon.toml") {
            configuration = try HostConfiguration(reading: "reckon.toml")
        }
        if let policy { configuration.policy.directory = policy }
        if let shadow { configuration.policy.shadow = shadow }
        for setting in settings { configuration.policy.parameters[setting.name] = setting.value }
        if let venue { configuration.venue.address = venue }
        if let journal { configuration.journal.path = journal }
        if let api {
            guard let address = ListenAddress(api) else {
                throw Complaint("--api: found \"\(api.prefix(60))\", allowed \(ListenAddress.allowed)")
            }
            configuration.api.listen = address
        }
        return configuration
    }

    private func runEngine(_ configuration: HostConfiguration) async throws {
        var configuration = configuration
        let environment = ProcessInfo.processInfo.environment
        let embedded = try await embeddedVenue(configuration)
        let endpoint: VenueEndpoint
        if let embedded {
            endpoint = embedded.endpoint
            // The venue begins anew each time, so a journal of an earlier one would speak of nothing that exists.
            if journal == nil { configuration.journal.path = try EmbeddedVenue.freshJournal() }
        } else {
            guard faults == nil else {
                throw Complaint(
                    "--faults: found with --venue \(configuration.venue.address), allowed with embedded only"
                )
            }
            endpoint = try VenueEndpoint(configuration.venue, environment: environment)
        }
        var setup = EngineRun.Setup(configuration: configuration, venue: endpoint)
        setup.trapsSignals = true
        setup.heedsHangup = true
        setup.token = try Secret.find(
            file: configuration.api.tokenFile,
            key: "api.token_file",
            variable: "RECKON_API_TOKEN",
            environment: environment
        )
        let run = try await EngineRun.start(setup)
        print(
            "reckon \(configuration.engine.engineID) listens on http://\(run.apiAddress); venue \(endpoint.url)"
        )
        fflush(nil)
        try await serve(run)
        await embedded?.server.stop()
    }

    /// Until a signal, or until the time is over.
    private func serve(_ run: EngineRun) async throws {
        let timer = duration.map { seconds in
            Task {
                await run.waitUntilReady(within: .seconds(86_400))
                try await Task.sleep(for: .seconds(seconds))
                await run.stop()
            }
        }
        try await run.waitUntilEnded()
        timer?.cancel()
    }

    private func embeddedVenue(_ configuration: HostConfiguration) async throws -> EmbeddedVenue? {
        guard configuration.venue.address == "embedded" else { return nil }
        return try await EmbeddedVenue.start(
            symbols: configuration.engine.symbols,
            seed: seed,
            faults: faults ?? "none"
        )
    }

    private func runDemo(_ configuration: HostConfiguration) async throws {
        let demo = DemoRun(
            configuration: try DemoRun.configuration(over: configuration),
            seed: seed,
            faults: faults ?? "demo",
            duration: duration,
            isQuiet: json
        )
        guard try await demo.run() else { throw ExitCode(1) }
    }
}
