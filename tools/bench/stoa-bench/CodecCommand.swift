internal import ArgumentParser

/// Times encoding and decoding of one block of each kind of data.
struct CodecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codec", abstract: "Times the encodings of a block: nanoseconds per value.")

    @Option(help: "Runs; the least time counts.")
    var runs = 15

    @Flag(help: "Print JSON.")
    var json = false

    @Option(name: .long, help: "Only these data.")
    var only: [String] = []

    func run() throws {
        var lines: [MicroLine] = [MicroLine.calibration(runCount: runs)]
        for sample in CodecSample.all where only.isEmpty || only.contains(sample.name) {
            lines.append(contentsOf: CodecBench(sample: sample, runCount: runs).lines())
        }
        MicroLine.show(lines, asJSON: json)
    }
}
