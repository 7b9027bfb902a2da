internal import ArgumentParser

/// Times the kernels as statements use them: one thread, a table of trades in segments.
struct KernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel",
        abstract: "Times filters, sums and groups on one thread: nanoseconds per row.")

    @Argument(help: "A data directory with a table trades that no stoad has open.")
    var directory: String

    @Option(help: "Runs; the least time counts.")
    var runs = 15

    @Flag(help: "Print JSON.")
    var json = false

    /// A statement for each kernel.
    static let statements: [(name: String, sql: String)] = [
        ("filter", "SELECT count(*) FROM trades WHERE quantity > 500"),
        ("filter-string", "SELECT count(*) FROM trades WHERE region = 'EU' AND quantity > 500"),
        ("sum", "SELECT sum(quantity) FROM trades WHERE quantity > 0"),
        ("product-sum", "SELECT sum(price * quantity) FROM trades"),
        ("float-sum", "SELECT sum(signal) FROM trades"),
        ("min-max", "SELECT min(fees), max(fees) FROM trades WHERE quantity > 0"),
        ("group-few", "SELECT region, sum(quantity) FROM trades GROUP BY region"),
        ("group-many", "SELECT customer_id, sum(quantity) FROM trades GROUP BY customer_id"),
        (
            "group-strings",
            "SELECT order_id, count(*) AS n FROM trades GROUP BY order_id "
                + "ORDER BY n DESC, order_id LIMIT 1"
        ),
    ]

    func run() throws {
        let bench = QueryBench(statements: Self.statements, workerCount: 1, runCount: runs)
        var lines = [MicroLine.calibration(runCount: runs)]
        let rowCount = try bench.rowCount(of: "trades", in: directory)
        for (name, least) in try bench.least(directory: directory) {
            lines.append(
                MicroLine(name: "kernel/\(name)", nanoseconds: least * 1e6 / Double(rowCount)))
        }
        MicroLine.show(lines, asJSON: json)
    }
}
