internal import StoaBase

/// Collects a payload: fixed part, options, body.
package struct PayloadWriter {
    private var fixed = ByteWriter(reservingCapacity: 96)
    private var options = ByteWriter()
    /// What follows the options.
    package var body: [UInt8] = []

    /// An empty payload, whose fixed part begins with the length of its options.
    package init() {
        fixed.append(UInt32(0))
    }

    /// Appends a field to the fixed part.
    package mutating func append<T: FixedWidthInteger>(_ value: T) {
        fixed.append(value)
    }

    /// Appends an option; its value is padded to a multiple of 8 bytes.
    package mutating func appendOption(
        _ tag: OptionTag, mustUnderstand: Bool = false, _ value: [UInt8]
    ) {
        options.append(tag.rawValue)
        options.append(UInt16(mustUnderstand ? 1 : 0))
        options.append(UInt32(value.count))
        options.append(contentsOf: value)
        options.align(to: 8)
    }

    /// Appends an option of text.
    package mutating func appendOption(
        _ tag: OptionTag, mustUnderstand: Bool = false, text: String
    ) {
        appendOption(tag, mustUnderstand: mustUnderstand, Array(text.utf8))
    }

    /// The fixed part and the options, ready to be followed by the body.
    package var prefix: [UInt8] {
        invariant(fixed.count % 8 == 0, "a fixed part keeps the body aligned")
        var all = fixed
        all.overwrite(at: 0, with: UInt32(options.count))
        all.append(contentsOf: options)
        return all.bytes
    }
}
