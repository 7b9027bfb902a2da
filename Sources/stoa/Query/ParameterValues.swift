internal import StoaWire

/// What `--param` says: values by name and by place.
struct ParameterValues {
    private var named: [(name: String, value: String)] = []
    private var placed: [Int: String] = [:]

    /// - Throws: A sentence about the argument that cannot be read.
    init(_ arguments: [String]) throws(Refusal) {
        var nextPlace = 1
        for argument in arguments {
            guard let equal = argument.firstIndex(of: "=") else {
                try place(argument, at: &nextPlace)
                continue
            }
            let name = argument[..<equal]
            let value = String(argument[argument.index(after: equal)...])
            if name.isEmpty {
                try place(value, at: &nextPlace)
            } else if name.allSatisfy({ $0.isASCII && $0.isNumber }) {
                guard var place = Int(name), (1...65_535).contains(place) else {
                    throw Refusal(sentence: "--param \(name)=… is no place of a parameter.")
                }
                try self.place(value, at: &place)
            } else {
                named.append((String(name), value))
            }
        }
        if let last = placed.keys.max(), let gap = (1...last).first(where: { placed[$0] == nil }) {
            throw Refusal(sentence: "--param gives $\(last) a value, but not $\(gap).")
        }
    }

    /// As a request carries them.
    var parameters: [QueryRequest.Parameter] {
        let byPlace = placed.sorted { $0.key < $1.key }.map { (name: "", value: $0.value) }
        return (byPlace + named).map {
            QueryRequest.Parameter(name: $0.name, value: TypedValue(text: $0.value))
        }
    }

    private mutating func place(_ value: String, at place: inout Int) throws(Refusal) {
        guard placed.updateValue(value, forKey: place) == nil else {
            throw Refusal(sentence: "--param gives $\(place) two values.")
        }
        place += 1
    }

    /// Why the arguments cannot be used.
    struct Refusal: Error {
        let sentence: String
    }
}
