internal import Foundation
internal import StoaFuzzKit

#if STOA_FUZZ
    /// libFuzzer's loop; it comes with `-sanitize=fuzzer`.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<
            UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
        >,
        _ run: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt
#endif

/// The program around libFuzzer: the first argument names the target, the rest is libFuzzer's.
enum FuzzDriver {
    /// The target of this process; STOA_FUZZ_TARGET, because libFuzzer starts itself anew.
    static let target = FuzzTarget(
        rawValue: ProcessInfo.processInfo.environment["STOA_FUZZ_TARGET"] ?? "")

    #if STOA_FUZZ
        static func run() -> Never {
            guard target != nil else {
                say("set STOA_FUZZ_TARGET to one of: " + names)
                exit(1)
            }
            var count = CommandLine.argc
            var arguments = CommandLine.unsafeArgv
            exit(
                runDriver(&count, &arguments) { bytes, count in
                    FuzzDriver.target?.run(UnsafeRawBufferPointer(start: bytes, count: count))
                    return 0
                })
        }
    #endif

    /// Without the fuzzer's instrumentation a run would look like one and find nothing.
    static func refuse() -> Never {
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--seeds" {
            writeSeeds(CommandLine.arguments[2])
        }
        say("this build fuzzes nothing; run tools/fuzz, which builds with the fuzzer")
        exit(1)
    }

    private static func writeSeeds(_ folder: String) -> Never {
        for target in FuzzTarget.all {
            let path = folder + "/" + target.rawValue
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
                for (index, seed) in FuzzSeeds.of(target).enumerated() {
                    try Data(seed).write(to: URL(fileURLWithPath: "\(path)/seed-\(index).bin"))
                }
            } catch {
                say("cannot write seeds: \(error)")
                exit(1)
            }
        }
        exit(0)
    }

    private static var names: String { FuzzTarget.all.map(\.rawValue).joined(separator: ", ") }

    private static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
