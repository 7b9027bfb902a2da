internal import StoaWire

/// What a peer that speaks another protocol is told, in words that its program shows.
enum ForeignAnswer {
    /// The bytes to send before closing.
    static func text(for seen: ForeignProtocol) -> [UInt8] {
        let advice = "\(seen.explanation). Use the stoa command line or a Stoa client.\n"
        switch seen {
        case .http: return Array(http(body: advice).utf8)
        case .postgres: return postgres(message: seen.explanation)
        case .tls, .unknown: return Array("stoad: \(advice)".utf8)
        }
    }

    private static func http(body: String) -> String {
        """
        HTTP/1.1 400 Bad Request\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """
    }

    /// An ErrorResponse of the PostgreSQL protocol, version 3.
    private static func postgres(message: String) -> [UInt8] {
        var fields: [UInt8] = []
        for (code, text) in [("S", "FATAL"), ("C", "08P01"), ("M", message)] {
            fields += Array(code.utf8) + Array(text.utf8) + [0]
        }
        fields.append(0)
        let byteCount = UInt32(fields.count + 4)
        let length = (0..<4).map { UInt8(truncatingIfNeeded: byteCount >> (24 - UInt32($0) * 8)) }
        return Array("E".utf8) + length + fields
    }
}
