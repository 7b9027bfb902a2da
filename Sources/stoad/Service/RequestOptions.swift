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
        var settings = QuerySettings()
        for setting in request.settings { try settings.set(setting.key, to: setting.value) }
        apply(settings)
        for parameter in request.parameters { try add(parameter) }
    }

    private mutating func add(_ parameter: QueryRequest.Parameter) throws(ServiceError) {
        guard let value = parameter.value.literal else {
            throw ServiceError(
                .invalidValue, "A parameter's bytes are no \(parameter.value.type).")
        }
        addParameter(name: parameter.name, value, type: parameter.value.type)
    }
}
