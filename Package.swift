// swift-tools-version: 6.2
import PackageDescription

/// The rules of the house, on every target of ours.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// One layer; it may name only targets of lower layers.
func layer(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// An executable at the top of the graph: one file that needs no library but the system's.
func program(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: standalone)
}

/// The libraries that read compressed files, linked into the program so that it needs none of
/// them where it runs. Their module maps name no library for that reason.
let decompressors: [LinkerSetting] = [
    .linkedLibrary(":libz.a", .when(platforms: [.linux])),
    .linkedLibrary(":libzstd.a", .when(platforms: [.linux])),
    .linkedLibrary("z", .when(platforms: [.macOS])),
    .linkedLibrary("zstd", .when(platforms: [.macOS])),
]

/// Puts Swift's run-time library into a program. Here and not a flag of `swift build`, because
/// tests link it as a shared library, and what is compiled has to be the same for both.
let standalone: [LinkerSetting] = [
    .unsafeFlags(["-static-stdlib", "-use-ld=lld"], .when(platforms: [.linux])),
    // What Foundation stands on, which only a compiler told of static linking would ask for.
    .linkedLibrary("_FoundationICU", .when(platforms: [.linux])),
    .linkedLibrary("_FoundationCShims", .when(platforms: [.linux])),
    .linkedLibrary("_FoundationCollections", .when(platforms: [.linux])),
    .linkedLibrary("CoreFoundation", .when(platforms: [.linux])),
]

/// The tests of one layer. `Samples` and `Golden` folders are read from the tree by path.
func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: fixtures[name] ?? [],
        swiftSettings: strict)
}

/// Folders beside tests that hold files, not code.
let fixtures = [
    "StoaCodecTests": ["Golden"],
    "StoaTextTests": ["Samples"],
    "StoaWireTests": ["Golden"],
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let arguments = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "stoa",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "stoad", targets: ["stoad"]),
        .executable(name: "stoa", targets: ["stoa"]),
        .library(name: "StoaClient", targets: ["StoaClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Layer 0: what Swift cannot reach.
        .target(name: "CStoa"),
        .systemLibrary(name: "CLZ4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        // Layer 1
        layer("StoaBase", "CStoa", "CLZ4"),
        // Layer 2
        layer("StoaModel", "StoaBase"),
        layer("StoaDisk", "StoaBase", "CStoa"),
        layer("StoaSettings", "StoaBase", yams),
        // Layer 3
        layer("StoaCodec", "StoaModel", "StoaBase"),
        layer("StoaCompute", "StoaModel", "StoaBase"),
        layer("StoaQuery", "StoaModel", "StoaBase"),
        .target(
            name: "StoaText", dependencies: ["StoaModel", "StoaBase", "CZlib", "CZstd"],
            swiftSettings: strict, linkerSettings: decompressors),
        layer("StoaWire", "StoaModel", "StoaBase", nioCore),
        // Layer 4
        layer("StoaStorage", "StoaCodec", "StoaDisk", "StoaModel", "StoaBase"),
        // Layer 5
        layer(
            "StoaEngine", "StoaStorage", "StoaQuery", "StoaCompute", "StoaCodec", "StoaDisk",
            "StoaModel", "StoaBase"),
        // Layer 6
        layer("StoaServer", "StoaWire", "StoaModel", "StoaBase", nioCore, nioPosix),
        layer("StoaClient", "StoaWire", "StoaModel", "StoaBase", nioCore, nioPosix),
        // Layer 7
        program(
            "stoad", "StoaServer", "StoaEngine", "StoaStorage", "StoaWire", "StoaDisk",
            "StoaSettings", "StoaModel", "StoaBase", arguments, lifecycle),
        program(
            "stoa", "StoaClient", "StoaWire", "StoaText", "StoaStorage", "StoaCodec", "StoaDisk",
            "StoaSettings", "StoaModel", "StoaBase", arguments),
        // Benchmarks inside one process; see tools/bench/README.md.
        .executableTarget(
            name: "stoa-bench",
            dependencies: [
                "StoaEngine", "StoaStorage", "StoaCompute", "StoaCodec", "StoaDisk", "StoaModel",
                "StoaBase", arguments,
            ],
            path: "tools/bench/stoa-bench", swiftSettings: strict),
        // What tests share, and the tests: one target per layer, then those across layers.
        .target(
            name: "StoaTestKit", dependencies: ["StoaDisk", "StoaBase"],
            path: "Tests/StoaTestKit", swiftSettings: strict),
        // What is fuzzed, and the program that fuzzes it; see tools/fuzz.
        .target(
            name: "StoaFuzzKit",
            dependencies: [
                "StoaStorage", "StoaCodec", "StoaQuery", "StoaText", "StoaTestKit", "StoaModel",
                "StoaBase",
            ],
            path: "Tests/StoaFuzzKit", swiftSettings: strict),
        .executableTarget(
            name: "stoa-fuzz", dependencies: ["StoaFuzzKit"], path: "tools/fuzz-targets",
            swiftSettings: strict),
        tests("FuzzTests", "StoaFuzzKit"),
        tests("StoaBaseTests", "StoaBase"),
        tests("StoaModelTests", "StoaModel", "StoaBase"),
        tests("StoaDiskTests", "StoaDisk", "StoaBase"),
        tests("StoaSettingsTests", "StoaSettings", "StoaBase"),
        tests("StoaCodecTests", "StoaCodec", "StoaModel", "StoaBase"),
        tests("StoaComputeTests", "StoaCompute", "StoaModel", "StoaBase"),
        tests("StoaQueryTests", "StoaQuery", "StoaModel", "StoaBase"),
        tests("StoaTextTests", "StoaText", "StoaModel", "StoaBase", "CZlib", "CZstd"),
        tests("StoaWireTests", "StoaWire", "StoaModel", "StoaBase", nioCore),
        tests(
            "StoaStorageTests", "StoaStorage", "StoaTestKit", "StoaCodec", "StoaDisk", "StoaModel",
            "StoaBase"),
        tests(
            "StoaEngineTests", "StoaEngine", "StoaStorage", "StoaQuery", "StoaTestKit", "StoaDisk",
            "StoaModel", "StoaBase"),
        tests(
            "StoaServerTests", "StoaServer", "StoaClient", "StoaWire", "StoaModel", "StoaBase",
            nioCore, nioPosix),
        tests("StoaClientTests", "StoaClient", "StoaWire", "StoaModel", "StoaBase"),
        tests("CrashTests", "StoaStorage", "StoaTestKit", "StoaDisk", "StoaModel", "StoaBase"),
        tests("DamageTests", "StoaStorage", "StoaTestKit", "StoaDisk", "StoaModel", "StoaBase"),
        tests("TidyTests", "StoaModel"),
    ]
)
