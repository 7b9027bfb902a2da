internal import StoaEngine
internal import StoaModel
internal import StoaWire

/// What a request asks of the engine: limits, settings and parameters.
extension QueryOptions {
    init(_ request: QueryRequest) throws(ServiceError) {
        self.init(
            initialCredit: Int(request.initialCredit),
            minimumGeneration: request.minimumGeneration)
        if request.timeoutMilliseconds > 0 {
            timeoutSeconds = Double(request.timeoutMilliseconds) / 1_000
        }
        for setting in request.settings { try set(setting.key, setting.value) }
        for parameter in request.parameters { try add(parameter) }
    }

    private mutating func add(_ parameter: QueryRequest.Parameter) throws(ServiceError) {
        guard let value = parameter.value.literal else {
            throw ServiceError(
                .invalidValue, "A parameter's bytes are no \(parameter.value.type).")
        }
        addParameter(name: parameter.name, value, type: parameter.value.type)
    }

    /// A setting of one statement.
    private mutating func set(_ key: String, _ value: String) throws(ServiceError) {
        switch key {
        case "timeout":
            guard let seconds = Double(value), seconds > 0, seconds < 1e9 else {
                throw Self.refused(key, "a number of seconds above 0")
            }
            timeoutSeconds = seconds
        case "memory":
            guard let byteCount = Int(value), byteCount > 0 else {
                throw Self.refused(key, "a number of bytes above 0")
            }
            memoryByteCountLimit = byteCount
        case "threads":
            guard let count = Int(value), count > 0 else {
                throw Self.refused(key, "a number of threads above 0")
            }
            workerCountLimit = count
        default:
            throw ServiceError(
                .invalidSetting, "There is no setting \"\(key.prefix(64))\" of a statement.",
                hint: "The settings are timeout (seconds), memory (bytes) and threads.")
        }
    }

    private static func refused(_ key: String, _ wanted: String) -> ServiceError {
        ServiceError(.invalidSetting, "The setting \(key) takes \(wanted).")
    }
}
