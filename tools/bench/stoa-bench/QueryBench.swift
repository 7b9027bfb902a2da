internal import Foundation
internal import StoaBase
internal import StoaDisk
internal import StoaEngine
internal import StoaStorage

/// Times statements inside the process, without a socket: the engine alone.
struct QueryBench {
    /// Statements by name, in the order they run.
    var statements: [(name: String, sql: String)]
    var workerCount: Int
    var runCount: Int
    /// The memory of one statement.
    var memoryByteCount = 6 << 30

    /// Milliseconds of one statement: the first run and the others.
    struct Timing {
        var first: Double
        var median: Double
        var least: Double
        var rowCount: Int
    }

    /// Least milliseconds of each statement.
    func least(directory: String) throws -> [(String, Double)] {
        let database = try open(directory)
        defer { database.close() }
        return try statements.map { ($0.name, try time($0.sql, on: database).least) }
    }

    /// Rows of a table.
    func rowCount(of table: String, in directory: String) throws -> Int {
        let database = try open(directory)
        defer { database.close() }
        return try once("SELECT customer_id FROM \(table)", on: database).rowCount
    }

    /// Opens the data directory and prints a line per statement.
    func run(directory: String) throws {
        let database = try open(directory)
        defer { database.close() }
        print("first ms   median ms  least ms   rows       statement")
        for (name, sql) in statements {
            let timing = try time(sql, on: database)
            let cells = [timing.first, timing.median, timing.least].map {
                String(format: "%-10.3f", $0)
            }
            let rows = String(format: "%-10d", timing.rowCount)
            print("\(cells.joined(separator: " ")) \(rows) \(name)")
        }
    }

    private func open(_ directory: String) throws -> Database {
        let disk = try KernelDisk(root: directory)
        let options = DatabaseOptions(
            storage: StoreOptions(), workerCount: workerCount, memoryByteCountLimit: 12 << 30,
            queryMemoryByteCountLimit: memoryByteCount)
        return try Database.open(on: disk, options: options)
    }

    private func time(_ sql: String, on database: Database) throws -> Timing {
        let first = try once(sql, on: database)
        var times: [Double] = []
        for _ in 0..<max(1, runCount) { times.append(try once(sql, on: database).milliseconds) }
        times.sort()
        return Timing(
            first: first.milliseconds, median: times[times.count / 2], least: times[0],
            rowCount: first.rowCount)
    }

    private func once(
        _ sql: String, on database: Database
    ) throws -> (milliseconds: Double, rowCount: Int) {
        let waiter = Waiter()
        let start = HostClock.monotonicNanoseconds()
        database.query(
            Array(sql.utf8), options: QueryOptions(initialCredit: 1 << 40),
            sink: ResultSink(onBatch: { _ in }, onEnd: { waiter.end($0) }))
        let summary = try waiter.wait().get()
        let nanoseconds = HostClock.monotonicNanoseconds() - start
        return (Double(nanoseconds) / 1e6, summary.rowCount)
    }
}
