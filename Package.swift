// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A hundred thousand draws for each figure would take minutes where nothing is optimised.
let quick: [SwiftSetting] = [.unsafeFlags(["-O"])]

/// What is generic is specialised in the modules that use it; without this the simulator takes a fifth longer.
let open: [SwiftSetting] = [.unsafeFlags(["-enable-cmo-everything"], .when(configuration: .release))]

let strictC: [CSetting] = [
    .unsafeFlags(["-Wall", "-Wextra", "-Werror", "-ffp-contract=off"])
]

/// Modules of other packages, by the package that has them.
enum Outside {
    static func nio(_ names: String...) -> [Target.Dependency] { names.map { product($0, "swift-nio") } }

    static let arguments = product("ArgumentParser", "swift-argument-parser")
    static let crypto = product("Crypto", "swift-crypto")
    static let logging = product("Logging", "swift-log")
    static let metrics = product("Metrics", "swift-metrics")
    static let tls = product("NIOSSL", "swift-nio-ssl")
    static let database = product("GRDB", "GRDB.swift")
    static let hummingbird = product("Hummingbird", "hummingbird")
    static let httpTypes = product("HTTPTypes", "swift-http-types")
    static let hummingbirdTesting = product("HummingbirdTesting", "hummingbird")
    static let toml = product("TOMLKit", "TOMLKit")
    static let client = product("AsyncHTTPClient", "async-http-client")
    static let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
    static let signals = product("UnixSignals", "swift-service-lifecycle")

    private static func product(_ name: String, _ package: String) -> Target.Dependency {
        .product(name: name, package: package)
    }
}

func part(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: strict + settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "reckon",
    products: [
        .executable(name: "reckon", targets: ["reckon"]),
        .executable(name: "reckon-simulate", targets: ["reckon-simulate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        part("ReckonModel", settings: open),
        part("ReckonEngine", ["ReckonModel"]),
        part("ReckonExchange", ["ReckonModel"]),
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
        .target(
            name: "CPolicyHost",
            dependencies: ["CLua"],
            exclude: ["README.md"],
            cSettings: strictC,
            linkerSettings: [.linkedLibrary("m")]
        ),
        part("ReckonPolicy", ["ReckonModel", "ReckonEngine", "CPolicyHost"]),
        part("ReckonSeal", ["ReckonModel", "ReckonEngine", "ReckonPolicy", Outside.crypto]),
        .target(
            name: "ReckonSimulation",
            dependencies: ["ReckonModel", "ReckonEngine", "ReckonExchange", "ReckonPolicy"],
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .target(
            name: "ReckonStatistics",
            dependencies: ["ReckonModel"],
            exclude: ["README.md"],
            swiftSettings: strict + quick
        ),
        part(
            "ReckonCommands",
            [
                "ReckonModel", "ReckonEngine", "ReckonExchange", "ReckonPolicy", "ReckonSeal",
                "ReckonSimulation", "ReckonStatistics", Outside.arguments, Outside.toml,
            ]
        ),
        .executableTarget(
            name: "reckon-simulate",
            dependencies: ["ReckonCommands", Outside.arguments],
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        part("ReckonJournal", ["ReckonModel", "ReckonEngine", Outside.database]),
        part(
            "ReckonBinance",
            ["ReckonModel", "ReckonEngine", Outside.client, Outside.crypto, Outside.logging, Outside.tls]
                + Outside.nio("NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket")
        ),
        part(
            "ReckonVenue",
            ["ReckonModel", "ReckonExchange", Outside.crypto]
                + Outside.nio("NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOFoundationCompat")
        ),
        part(
            "ReckonHost",
            [
                "ReckonModel", "ReckonEngine", "ReckonPolicy", "ReckonSeal", "ReckonJournal",
                "ReckonBinance", Outside.logging, Outside.metrics, Outside.toml,
            ]
        ),
        part(
            "ReckonControl",
            [
                "ReckonModel", "ReckonEngine", "ReckonHost", Outside.hummingbird, Outside.httpTypes,
                Outside.logging,
            ]
                + Outside.nio("NIOCore")
        ),
        .executableTarget(
            name: "reckon",
            dependencies: [
                "ReckonModel", "ReckonEngine", "ReckonPolicy", "ReckonJournal", "ReckonBinance",
                "ReckonVenue",
                "ReckonExchange", "ReckonHost", "ReckonControl", "ReckonSimulation", "ReckonCommands",
                Outside.arguments, Outside.client, Outside.lifecycle, Outside.logging, Outside.signals,
                Outside.toml,
            ] + Outside.nio("NIOCore", "NIOPosix", "NIOHTTP1", "NIOFoundationCompat"),
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .target(
            name: "ReckonTestRig",
            dependencies: [
                "ReckonModel", "ReckonEngine", "ReckonPolicy", "ReckonJournal", "ReckonBinance",
                "ReckonVenue",
                "ReckonHost", Outside.logging,
            ],
            path: "Tests/ReckonTestRig",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        tests("ReckonModelTests", ["ReckonModel"]),
        tests("ReckonEngineTests", ["ReckonModel", "ReckonEngine"]),
        tests("ReckonExchangeTests", ["ReckonModel", "ReckonExchange"]),
        tests(
            "ReckonPolicyTests",
            ["ReckonModel", "ReckonEngine", "ReckonPolicy", "ReckonSeal"],
            resources: [.copy("Corpus"), .copy("Vectors")]
        ),
        tests("ReckonJournalTests", ["ReckonModel", "ReckonEngine", "ReckonJournal", Outside.database]),
        tests(
            "ReckonVenueTests",
            ["ReckonModel", "ReckonExchange", "ReckonVenue"]
                + Outside.nio("NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket")
        ),
        tests(
            "ReckonBinanceTests",
            [
                "ReckonModel", "ReckonEngine", "ReckonBinance", "ReckonExchange", "ReckonVenue",
                Outside.logging,
            ] + Outside.nio("NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket")
        ),
        tests(
            "ReckonSimulationTests",
            ["ReckonModel", "ReckonEngine", "ReckonPolicy", "ReckonExchange", "ReckonSimulation"]
        ),
        tests(
            "ReckonCommandsTests",
            [
                "reckon-simulate", "ReckonModel", "ReckonEngine", "ReckonPolicy", "ReckonSimulation",
                "ReckonStatistics", "ReckonCommands",
            ]
        ),
        tests(
            "ReckonStatisticsTests",
            ["ReckonModel", "ReckonStatistics"],
            resources: [.copy("Reference")]
        ),
        tests(
            "ConformanceTests",
            [
                "ReckonModel", "ReckonEngine", "ReckonExchange", "ReckonSimulation", "ReckonBinance",
                "ReckonVenue",
            ] + Outside.nio("NIOHTTP1")
        ),
        tests("TidyTests", []),
        tests(
            "ReckonHostTests",
            [
                "ReckonModel", "ReckonEngine", "ReckonPolicy", "ReckonSeal", "ReckonJournal", "ReckonVenue",
                "ReckonExchange", "ReckonHost", "ReckonTestRig", Outside.logging,
            ]
        ),
        tests(
            "EndToEndTests",
            [
                "reckon", "ReckonModel", "ReckonEngine", "ReckonJournal", "ReckonVenue", "ReckonExchange",
                "ReckonSimulation", Outside.client,
            ] + Outside.nio("NIOCore", "NIOHTTP1", "NIOFoundationCompat")
        ),
        tests(
            "ReckonControlTests",
            [
                "ReckonModel", "ReckonEngine", "ReckonExchange", "ReckonVenue", "ReckonHost", "ReckonControl",
                "ReckonTestRig",
                Outside.hummingbird, Outside.hummingbirdTesting, Outside.httpTypes, Outside.logging,
            ] + Outside.nio("NIOCore")
        ),
    ]
)
