/// Every error a client can see, by number. Append; never renumber, never reuse.
///
/// 1xxx: change the request. 2xxx: wait and retry. 3xxx: the machine. 4xxx: the stored data.
package enum ErrorCode: UInt16, CaseIterable, Sendable {
    case syntaxError = 1_001
    case unknownTable = 1_002
    case unknownColumn = 1_003
    case unknownFunction = 1_004
    case typeMismatch = 1_005
    case tableExists = 1_006
    case badName = 1_007
    case duplicateColumn = 1_008
    case queryTooLarge = 1_009
    case queryTooDeep = 1_010
    case numericOverflow = 1_011
    case divisionByZero = 1_012
    case invalidValue = 1_013
    case notNullViolation = 1_014
    case badBatch = 1_015
    case schemaMismatch = 1_016
    case notSupported = 1_017
    case protocolError = 1_018
    case frameTooLarge = 1_019
    case versionMismatch = 1_020
    case duplicateLabel = 1_021
    case sequenceGap = 1_022
    case sequenceReused = 1_023
    case producerFenced = 1_024
    case unknownProducer = 1_025
    case cancelled = 1_026
    case groupingError = 1_027
    case unknownRequest = 1_028

    case overloaded = 2_001
    case memoryLimit = 2_002
    case timeout = 2_003
    case shuttingDown = 2_004
    case durabilityUnknown = 2_005
    case diskFull = 2_006
    case tooManyConnections = 2_007

    case ioError = 3_001
    case directoryInUse = 3_002
    case directoryNotEmpty = 3_003
    case directoryUnusable = 3_004
    case formatTooNew = 3_005
    case readOnly = 3_006
    case addressInUse = 3_007
    case invalidSetting = 3_008

    case corruptBlock = 4_001
    case corruptLog = 4_002
    case corruptManifest = 4_003
    case corruptSegment = 4_004
    case logPoisoned = 4_005

    /// The stable name, as messages and the wire page spell it: `UNKNOWN_TABLE`.
    package var name: String {
        var name = ""
        for scalar in String(describing: self).unicodeScalars {
            if scalar.properties.isUppercase { name.append("_") }
            name.append(String(scalar).uppercased())
        }
        return name
    }

    /// Whether the same request may succeed later without a change.
    package var isRetriable: Bool { (2_000..<3_000).contains(rawValue) }

    /// The SQLSTATE of ISO/IEC 9075 that is nearest.
    package var sqlState: String {
        switch self {
        case .syntaxError: "42601"
        case .unknownTable: "42P01"
        case .unknownColumn: "42703"
        case .unknownFunction: "42883"
        case .typeMismatch: "42804"
        case .tableExists: "42P07"
        case .badName: "42602"
        case .duplicateColumn: "42701"
        case .queryTooLarge, .queryTooDeep: "54001"
        case .numericOverflow: "22003"
        case .divisionByZero: "22012"
        case .invalidValue: "22023"
        case .notNullViolation: "23502"
        case .badBatch, .schemaMismatch: "22000"
        case .notSupported: "0A000"
        case .protocolError, .frameTooLarge, .versionMismatch, .unknownRequest: "08P01"
        case .duplicateLabel: "23505"
        case .sequenceGap, .sequenceReused, .producerFenced, .unknownProducer: "25000"
        case .cancelled: "57014"
        case .groupingError: "42803"
        case .overloaded, .tooManyConnections: "53300"
        case .memoryLimit: "53200"
        case .timeout: "57014"
        case .shuttingDown: "57P01"
        case .durabilityUnknown: "08007"
        case .diskFull: "53100"
        case .ioError: "58030"
        case .directoryInUse, .directoryNotEmpty, .directoryUnusable: "58000"
        case .formatTooNew: "58000"
        case .readOnly: "25006"
        case .addressInUse, .invalidSetting: "58000"
        case .corruptBlock, .corruptLog, .corruptManifest, .corruptSegment: "XX001"
        case .logPoisoned: "58030"
        }
    }
}

/// An error on its way to a client: what, where, and what to do. Never a data value.
package struct ServiceError: Error, Equatable, Sendable {
    package var code: ErrorCode
    /// One sentence, without the code.
    package var message: String
    /// Where in the statement it is: offset and length in bytes of UTF-8.
    package var position: Range<Int>?
    /// What to do, if there is something to say.
    package var hint: String?
    /// How long to wait before the same request is worth trying again.
    package var retryAfterMilliseconds: UInt32?

    package init(
        _ code: ErrorCode, _ message: String, position: Range<Int>? = nil, hint: String? = nil,
        retryAfterMilliseconds: UInt32? = nil
    ) {
        self.code = code
        self.message = message
        self.position = position
        self.hint = hint
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}
