package import StoaBase

/// A payload taken apart: the fixed part that its kind prescribes, the options, and the body.
///
///     fixed part    size by kind, a multiple of 8; begins with
///                   optionsByteCount u32, a multiple of 8, at most 1 MiB
///     options       optionsByteCount bytes, each option:
///                   tag u16, flags u16 (bit 0: must be understood), byteCount u32,
///                   value, zeros to the next multiple of 8
///     body          everything else: a batch, a text, or nothing
///
/// Reserved fields are written as zero and not looked at. An unknown option is skipped unless
/// it must be understood.
package struct Payload: Sendable {
    /// Largest number of bytes of all options of a payload.
    package static let optionsByteCountLimit = 1 << 20

    /// One option that this version knows.
    package struct Option: Sendable {
        package let tag: OptionTag
        package let value: Bytes
    }

    package let kind: FrameKind
    package let fixed: Bytes
    package let options: [Option]
    package let body: Bytes

    /// Takes `bytes` apart as a payload of `kind`, whose fixed part has `fixedByteCount` bytes.
    package init(_ bytes: Bytes, kind: FrameKind, fixedByteCount: Int) throws(WireError) {
        invariant(fixedByteCount >= 8, "every fixed part holds the length of its options")
        guard bytes.count >= fixedByteCount else { throw .truncatedPayload(kind) }
        let optionsByteCount = Int(bytes.integer(at: 0, as: UInt32.self))
        let bodyStart = fixedByteCount + optionsByteCount
        guard optionsByteCount % 8 == 0, optionsByteCount <= Self.optionsByteCountLimit,
            bodyStart <= bytes.count
        else { throw .badOptions(kind) }
        self.kind = kind
        fixed = bytes[0..<fixedByteCount]
        options = try Self.options(bytes[fixedByteCount..<bodyStart], kind: kind)
        body = bytes[bodyStart..<bytes.count]
    }

    private static func options(_ bytes: Bytes, kind: FrameKind) throws(WireError) -> [Option] {
        var options: [Option] = []
        var offset = 0
        while offset < bytes.count {
            guard bytes.count - offset >= 8 else { throw .badOptions(kind) }
            let rawTag: UInt16 = bytes.integer(at: offset)
            let flags: UInt16 = bytes.integer(at: offset + 2)
            let byteCount = Int(bytes.integer(at: offset + 4, as: UInt32.self))
            guard byteCount <= bytes.count - offset - 8 else { throw .badOptions(kind) }
            let start = offset + 8
            if let tag = OptionTag(rawValue: rawTag) {
                options.append(Option(tag: tag, value: bytes[start..<start + byteCount]))
            } else if flags & 1 != 0 {
                throw .unknownOption(tag: rawTag)
            }
            offset = start + (byteCount + 7) / 8 * 8
        }
        return options
    }

    /// The field at `offset` of the fixed part.
    func integer<T: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as type: T.Type = T.self
    ) -> T {
        fixed.integer(at: offset)
    }

    /// The value of the first option with that tag.
    func option(_ tag: OptionTag) -> Bytes? {
        options.first { $0.tag == tag }?.value
    }

    /// The text of an option; nil when it is missing.
    func text(_ tag: OptionTag) throws(WireError) -> String? {
        guard let value = option(tag) else { return nil }
        guard let text = value.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw .badField("option \(tag.rawValue)")
        }
        return text
    }

    /// The text of an option that has to be there.
    func requiredText(_ tag: OptionTag) throws(WireError) -> String {
        guard let text = try text(tag) else { throw .missingOption(tag) }
        return text
    }

    /// The body as text.
    func bodyText() throws(WireError) -> String {
        guard let text = body.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw .badField("body")
        }
        return text
    }
}

extension Frame {
    /// The frame's message, when it is one of type `M`.
    package func decode<M: WireMessage>(_ type: M.Type = M.self) throws(WireError) -> M {
        guard header.rawKind == M.kind.rawValue else {
            throw header.kind.map(WireError.unexpectedKind) ?? .unknownKind(header.rawKind)
        }
        return try M.decode(
            Payload(payload, kind: M.kind, fixedByteCount: M.fixedByteCount))
    }
}
