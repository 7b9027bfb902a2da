internal import StoaClient
internal import StoaModel
internal import StoaText
internal import StoaWire

/// Runs statements one after the other and writes their results.
struct StatementRunner {
    let session: ServerSession
    let style: ResultStyle
    let options: QueryOptions

    /// Runs one statement.
    ///
    /// - Throws: `Failure` with the place in the script, exit status 3 or 2.
    func run(_ statement: StatementSplitter.Statement) async throws {
        let started = ContinuousClock.now
        do {
            let sql = String(decoding: statement.text, as: UTF8.self)
            let shown = ShownBytes()
            let (stream, rowCount) = try await session.run(
                sql, hasShown: { shown.count > 0 },
                { connection -> (ResultStream, Int) in
                    let stream = try await connection.query(sql, options: options)
                    return (stream, try await write(stream, shown))
                })
            if Terminal.isError, Terminal.isOutput {
                let elapsed = ContinuousClock.now - started
                Terminal.write(error: footer(stream, rowCount: rowCount, elapsed: elapsed))
            }
        } catch let error as ClientError {
            throw Failure(ExitStatus(error), ErrorReport(error, statement: statement))
        }
    }

    /// How much of a result was written.
    private final class ShownBytes {
        var count = 0
    }

    /// Writes the rows; how many they were.
    private func write(_ stream: ResultStream, _ shown: ShownBytes) async throws -> Int {
        var writer = ResultWriter(style)
        var output: [UInt8] = []
        while let batch = try await stream.next() {
            guard !batch.columns.isEmpty else { continue }
            writer.append(batch, to: &output)
            if output.count >= 1 << 16 {
                shown.count += output.count
                StandardOutput.write(output)
                output.removeAll(keepingCapacity: true)
            }
        }
        if !stream.columns.isEmpty { writer.finish(to: &output) }
        StandardOutput.write(output)
        return writer.rowCount
    }

    /// `3 rows in set. Elapsed: 0.021 s. Read 5.00 M rows, 61.0 MB (238 M rows/s). …`
    private func footer(_ stream: ResultStream, rowCount: Int, elapsed: Duration) -> String {
        let seconds =
            Double(elapsed.components.seconds)
            + Double(elapsed.components.attoseconds) / 1e18
        let summary = stream.summary
        var text =
            stream.columns.isEmpty
            ? "OK." : "\(HumanText.count(rowCount)) row\(rowCount == 1 ? "" : "s") in set."
        if let written = summary?.affectedRowCount, written > 0 {
            text = "OK, \(HumanText.count(Int(clamping: written))) rows written."
        }
        text += " Elapsed: \(HumanText.duration(seconds: seconds))."
        if let summary, summary.rowsScanned > 0 {
            let rows = Double(summary.rowsScanned)
            text += " Read \(HumanText.short(rows)) rows"
            text += ", \(HumanText.bytes(Double(summary.bytesRead)))"
            text += " (\(HumanText.short(rows / max(seconds, 1e-9))) rows/s)."
        }
        if let summary, summary.blocksSkipped > 0 {
            let all = summary.blocksSkipped + summary.blocksScanned
            text += " \(summary.blocksSkipped) of \(all) blocks skipped."
        }
        if let exactness = summary?.exactness, exactness != .exact {
            text += " The result is \(exactness)."
        }
        return text + "\n"
    }
}
