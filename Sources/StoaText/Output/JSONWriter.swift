internal import StoaModel

/// JSON (RFC 8259): an array of objects, or with NDJSON one object per line.
struct JSONWriter: RowWriter {
    let isArray: Bool
    private var hasRows = false
    private var keys: [[UInt8]] = []

    init(isArray: Bool) { self.isArray = isArray }

    mutating func append(_ batch: RowBatch, to output: inout [UInt8]) {
        if keys.isEmpty {
            keys = batch.columns.map { column in
                var key: [UInt8] = []
                ValueText.appendJSON(string: column.name.utf8, to: &key)
                return key + [UInt8(ascii: ":")]
            }
        }
        for row in 0..<batch.rowCount {
            if isArray { output.append(contentsOf: (hasRows ? ",\n" : "[\n").utf8) }
            hasRows = true
            output.append(UInt8(ascii: "{"))
            for (position, column) in batch.columns.enumerated() {
                if position > 0 { output.append(UInt8(ascii: ",")) }
                output.append(contentsOf: keys[position])
                ValueText.appendJSON(column, row, to: &output)
            }
            output.append(UInt8(ascii: "}"))
            if !isArray { output.append(UInt8(ascii: "\n")) }
        }
    }

    mutating func finish(to output: inout [UInt8]) {
        guard isArray else { return }
        output.append(contentsOf: (hasRows ? "\n]\n" : "[]\n").utf8)
    }
}
