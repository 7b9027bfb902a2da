internal import StoaBase

/// QUERY: one statement. Answered by RESULT_BATCH (at least one when there are columns), then
/// RESULT_END; or by ERROR.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  initialCredit         bytes of RESULT_BATCH payloads allowed at once
///          8     8  minimumGeneration     answer from this generation or later; 0: any
///         16     4  timeoutMilliseconds   0: the server's default
///         20     4  flags                 bit 0: PROGRESS wanted; others 0
///     options: SETTING, any number: keyByteCount u16, key, value
///              PARAMETER, any number: nameByteCount u16 (0: by position), name, typed value
///     body: the statement, UTF-8
package struct QueryRequest: WireMessage, Equatable {
    package static let kind = FrameKind.query
    package static let fixedByteCount = 24

    /// A value for a placeholder; positional ones have an empty name.
    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: TypedValue

        package init(name: String, value: TypedValue) {
            self.name = name
            self.value = value
        }
    }

    /// A setting of this query only.
    package struct Setting: Hashable, Sendable {
        package var key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// The statement, not yet checked to be UTF-8.
    package var sql: [UInt8]
    package var initialCredit: UInt32
    package var minimumGeneration: UInt64
    package var timeoutMilliseconds: UInt32
    package var wantsProgress: Bool
    package var settings: [Setting]
    package var parameters: [Parameter]

    package init(sql: [UInt8], initialCredit: UInt32) {
        self.sql = sql
        self.initialCredit = initialCredit
        minimumGeneration = 0
        timeoutMilliseconds = 0
        wantsProgress = false
        settings = []
        parameters = []
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(initialCredit)
        writer.append(minimumGeneration)
        writer.append(timeoutMilliseconds)
        writer.append(UInt32(wantsProgress ? 1 : 0))
        for setting in settings {
            var value = ByteWriter()
            value.appendShortString(setting.key)
            value.append(contentsOf: Array(setting.value.utf8))
            writer.appendOption(.setting, mustUnderstand: true, value.bytes)
        }
        for parameter in parameters {
            var value = ByteWriter()
            value.appendShortString(parameter.name)
            parameter.value.encode(into: &value)
            writer.appendOption(.parameter, mustUnderstand: true, value.bytes)
        }
        writer.body = sql
    }

    package static func decode(_ payload: Payload) throws(WireError) -> QueryRequest {
        var query = QueryRequest(
            sql: payload.body.array, initialCredit: payload.integer(at: 4))
        query.minimumGeneration = payload.integer(at: 8)
        query.timeoutMilliseconds = payload.integer(at: 16)
        let flags: UInt32 = payload.integer(at: 20)
        guard flags & ~1 == 0 else { throw .badField("flags") }
        query.wantsProgress = flags & 1 != 0
        for option in payload.options where option.tag == .setting {
            var reader = OptionReader(option)
            let key = try reader.readShortText()
            query.settings.append(Setting(key: key, value: try reader.readRemainingText()))
        }
        for option in payload.options where option.tag == .parameter {
            var reader = OptionReader(option)
            let name = try reader.readShortText()
            let value = try TypedValue.decode(&reader)
            try reader.requireEnd()
            query.parameters.append(Parameter(name: name, value: value))
        }
        return query
    }
}
