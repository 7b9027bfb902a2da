internal import ArgumentParser

/// Benchmarks inside one process; `tools/bench/README.md` says how to read them.
@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stoa-bench", abstract: "Times Stoa's parts inside one process.",
        subcommands: [QueryCommand.self, CodecCommand.self, KernelCommand.self])
}

/// Times statements on a data directory that no daemon holds.
struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Times statements on a data directory, without a socket.")

    @Argument(help: "A data directory that no stoad has open.")
    var directory: String

    @Option(help: "Threads that run queries.")
    var workers = 2

    @Option(help: "Runs after the first.")
    var runs = 7

    @Option(help: "MiB of memory that a statement may use.")
    var memory = 6_144

    @Option(name: .long, help: "A statement to time; without it, those of the trades benchmark.")
    var sql: [String] = []

    @Option(name: .long, help: "Only these statements of the trades benchmark.")
    var only: [String] = []

    func run() throws {
        var statements = sql.map { (name: $0, sql: $0) }
        if statements.isEmpty {
            statements = TradesQueries.all.filter { only.isEmpty || only.contains($0.name) }
        }
        let bench = QueryBench(
            statements: statements, workerCount: workers, runCount: runs,
            memoryByteCount: memory << 20)
        try bench.run(directory: directory)
    }
}
