internal import StoaBase

extension AggregateRequest {
    package func encode(into writer: inout PayloadWriter) {
        writer.append(initialCredit)
        writer.append(minimumGeneration)
        writer.append(timeoutMilliseconds)
        writer.append(UInt32(0))
        writer.appendOption(.table, mustUnderstand: true, text: table)
        for filter in filters { writer.appendOption(.filter, mustUnderstand: true, filter.bytes) }
        for column in groupColumns {
            var value = ByteWriter()
            value.append(column.bucketMicroseconds)
            value.append(contentsOf: Array(column.column.utf8))
            writer.appendOption(.groupColumn, mustUnderstand: true, value.bytes)
        }
        for call in calls {
            var value = ByteWriter()
            value.append(call.function.rawValue)
            value.appendShortString(call.column)
            value.append(contentsOf: Array(call.name.utf8))
            writer.appendOption(.aggregateCall, mustUnderstand: true, value.bytes)
        }
        for order in orders {
            var value = ByteWriter()
            value.append(order.outputIndex)
            value.append(UInt8(order.isDescending ? 1 : 0))
            value.append(UInt8(order.areNullsFirst ? 1 : 0))
            value.append(UInt16(0))
            writer.appendOption(.order, mustUnderstand: true, value.bytes)
        }
        guard limit != nil || offset > 0 else { return }
        var value = ByteWriter()
        value.append(limit ?? UInt64.max)
        value.append(offset)
        writer.appendOption(.limit, mustUnderstand: true, value.bytes)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> AggregateRequest {
        var request = AggregateRequest(
            table: try payload.requiredText(.table), initialCredit: payload.integer(at: 4))
        request.minimumGeneration = payload.integer(at: 8)
        request.timeoutMilliseconds = payload.integer(at: 16)
        for option in payload.options { try request.take(option) }
        guard !request.calls.isEmpty else { throw .missingOption(.aggregateCall) }
        return request
    }

    private mutating func take(_ option: Payload.Option) throws(WireError) {
        var reader = OptionReader(option)
        switch option.tag {
        case .filter:
            filters.append(try Filter(&reader))
        case .groupColumn:
            let bucket = try reader.read(UInt64.self)
            groupColumns.append(
                GroupColumn(column: try reader.readRemainingText(), bucketMicroseconds: bucket))
        case .aggregateCall:
            guard let function = Function(rawValue: try reader.read(UInt16.self)) else {
                throw reader.refusal
            }
            let column = try reader.readShortText()
            calls.append(
                Call(function: function, column: column, name: try reader.readRemainingText()))
        case .order:
            let outputIndex = try reader.read(UInt32.self)
            let isDescending = try reader.read(UInt8.self) != 0
            let areNullsFirst = try reader.read(UInt8.self) != 0
            orders.append(
                Order(
                    outputIndex: outputIndex, isDescending: isDescending,
                    areNullsFirst: areNullsFirst))
        case .limit:
            let limit = try reader.read(UInt64.self)
            self.limit = limit == UInt64.max ? nil : limit
            offset = try reader.read(UInt64.self)
        case .clientName, .serverName, .table, .label, .schema, .hint, .errorName, .setting,
            .parameter, .writeRefusal:
            return
        }
    }
}

extension AggregateRequest.Filter {
    fileprivate var bytes: [UInt8] {
        var value = ByteWriter()
        value.append(comparison.rawValue)
        value.append(UInt8(0))
        value.append(UInt16(column.utf8.count))
        value.append(UInt32(values.count))
        value.append(contentsOf: Array(column.utf8))
        for item in values { item.encode(into: &value) }
        return value.bytes
    }

    fileprivate init(_ reader: inout OptionReader) throws(WireError) {
        guard let comparison = AggregateRequest.Operator(rawValue: try reader.read(UInt8.self))
        else { throw reader.refusal }
        _ = try reader.read(UInt8.self)
        let nameByteCount = Int(try reader.read(UInt16.self))
        let valueCount = try reader.read(UInt32.self)
        let column = try reader.readText(nameByteCount)
        var values: [TypedValue] = []
        for _ in 0..<valueCount { values.append(try TypedValue.decode(&reader)) }
        try reader.requireEnd()
        self.init(column: column, comparison: comparison, values: values)
    }
}
