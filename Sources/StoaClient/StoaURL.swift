/// The address of a server: `stoa://host:port`.
///
/// The scheme and the port may be left out (`localhost`, `stoa://db.example`); the port is then
/// 8471. An IPv6 address stands in brackets: `stoa://[::1]:8471`.
public struct StoaURL: Hashable, Sendable, CustomStringConvertible {
    /// The port of a server that was not told another one.
    public static let defaultPort = 8_471

    /// A name or an address, without brackets.
    public var host: String
    /// 1 … 65,535.
    public var port: Int

    /// Reads `text`.
    ///
    /// - Throws: ``ClientError`` with code `badURL`, and a message saying what is wrong.
    public init(_ text: String) throws {
        var rest = Substring(text)
        if let scheme = rest.range(ofASCII: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "stoa" else {
                throw Self.refusal("\(text): the address begins with stoa://")
            }
            rest = rest[scheme.upperBound...]
        }
        if rest.last == "/" { rest = rest.dropLast() }
        guard !rest.contains(where: { "/?#@ ".contains($0) }) else {
            throw Self.refusal("\(text): only a host and a port are understood")
        }
        let (host, port) = try Self.split(rest, of: text)
        guard !host.isEmpty else { throw Self.refusal("\(text): the host is missing") }
        self.host = String(host)
        self.port = port
    }

    /// `stoa://host:port`, with brackets around an IPv6 address.
    public var description: String {
        "stoa://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    private static func split(
        _ authority: Substring, of text: String
    ) throws -> (Substring, Int) {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else {
                throw refusal("\(text): the bracket is not closed")
            }
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            if rest.isEmpty { return (host, defaultPort) }
            guard rest.first == ":" else { throw refusal("\(text): a colon follows the bracket") }
            return (host, try port(rest.dropFirst(), of: text))
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, defaultPort) }
        let digits = authority[authority.index(after: colon)...]
        guard !digits.contains(":") else {
            throw refusal("\(text): an IPv6 address stands in brackets")
        }
        return (authority[..<colon], try port(digits, of: text))
    }

    private static func port(_ digits: Substring, of text: String) throws -> Int {
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits),
            (1...65_535).contains(port)
        else { throw refusal("\(text): the port is a number from 1 to 65535") }
        return port
    }

    private static func refusal(_ message: String) -> ClientError {
        ClientError(.badURL, message)
    }
}

extension Substring {
    /// The first place where the ASCII text `pattern` stands.
    fileprivate func range(ofASCII pattern: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) {
                return start..<index(start, offsetBy: pattern.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
