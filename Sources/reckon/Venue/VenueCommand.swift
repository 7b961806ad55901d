import ArgumentParser
import Foundation
import ReckonExchange
import ReckonModel
import ReckonVenue

/// `reckon venue`: a simulated exchange on a socket.
struct VenueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "venue",
        abstract: "Run a simulated exchange that speaks Binance's USD-M dialect.",
        discussion: """
            REST and WebSocket share one port. The address is printed once it listens; Ctrl-C ends it with a \
            summary of the faults that happened.
            """
    )

    @Option(help: ArgumentHelp("Where to listen; port 0 takes any free one.", valueName: "host:port"))
    var listen = "127.0.0.1:8788"

    @Option(help: ArgumentHelp("Markets to list, separated by commas.", valueName: "symbols"))
    var symbols = "BTCUSDT,ETHUSDT"

    @Option(help: "Seed of prices, fills and faults.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp("A fault profile, or a JSON file with a fault plan.", valueName: "profile|file")
    )
    var faults = "none"

    @Flag(help: "Begin in hedge mode: a long and a short position an instrument.")
    var hedge = false

    @Option(help: "The key that clients must send.")
    var apiKey: String?

    @Option(help: "The secret that clients must sign with.")
    var apiSecret: String?

    func run() async throws {
        let settings: VenueSettings
        let server: VenueServer
        do {
            settings = try makeSettings()
            server = try await VenueServer.start(settings)
        } catch {
            FileHandle.standardError.write(Data("reckon venue: \(error)\n".utf8))
            throw ExitCode(64)
        }
        announce(server, settings)
        await StopSignal.wait()
        let snapshot = server.snapshot()
        await server.stop()
        summarise(snapshot)
    }

    private func makeSettings() throws(VenueMisuse) -> VenueSettings {
        let names = symbols.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).uppercased() }
        let isNamed = names.allSatisfy { name in
            (1...30).contains(name.utf8.count)
                && name.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        }
        guard !names.isEmpty, isNamed else {
            throw VenueMisuse("--symbols: found \"\(symbols)\", allowed names such as BTCUSDT,ETHUSDT")
        }
        guard (apiKey == nil) == (apiSecret == nil) else {
            throw VenueMisuse("--api-key and --api-secret go together; give both or neither")
        }
        var settings = VenueSettings(symbols: names.map { Symbol($0) }, seed: seed, faults: try plan())
        if let apiKey, let apiSecret {
            settings.credentials = VenueCredentials(key: apiKey, secret: apiSecret)
        }
        settings.isHedged = hedge
        (settings.host, settings.port) = try endpoint()
        return settings
    }

    private func endpoint() throws(VenueMisuse) -> (host: String, port: Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
            (0...65_535).contains(port), colon > listen.startIndex
        else {
            throw VenueMisuse("--listen: found \"\(listen)\", allowed HOST:PORT with a port from 0 to 65535")
        }
        let host = listen[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return (host, port)
    }

    private func plan() throws(VenueMisuse) -> FaultPlan {
        if let profile = FaultPlan.profile(faults, seed: seed) { return profile }
        guard let text = try? String(contentsOfFile: faults, encoding: .utf8) else {
            let names = FaultPlan.profileNames.joined(separator: ", ")
            throw VenueMisuse("--faults: found \"\(faults)\", allowed \(names), or a readable JSON file")
        }
        do {
            return try FaultFile.plan(from: text, named: faults)
        } catch {
            throw VenueMisuse("--faults: \(error)")
        }
    }

    private func announce(_ server: VenueServer, _ settings: VenueSettings) {
        print("reckon venue listening on \(server.address.httpURL) and \(server.address.webSocketURL)")
        let names = settings.exchange.markets.map(\.instrument.symbol.name).joined(separator: ", ")
        print("symbols \(names); seed \(seed); faults \(settings.faults.name)\(hedge ? "; hedge mode" : "")")
        if apiKey == nil { print("API key reckon, secret reckon") }
        fflush(nil)
    }

    private func summarise(_ snapshot: VenueSnapshot) {
        let kinds = snapshot.faults.kinds.map { "\($0.kind.rawValue) \($0.count)" }
        print("ran \(snapshot.age.milliseconds / 1_000) s, orders \(snapshot.record.orders.count)")
        print("faults: \(kinds.isEmpty ? "none" : kinds.joined(separator: ", "))")
    }
}

/// A wrong argument, in one line.
private struct VenueMisuse: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Waits for the wish to end.
private enum StopSignal {
    static func wait() async {
        let (wishes, wish) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { wish.yield() }
            source.resume()
            return source
        }
        for await _ in wishes { break }
        for source in sources { source.cancel() }
    }
}
