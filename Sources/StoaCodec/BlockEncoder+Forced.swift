internal import StoaBase
internal import StoaModel

extension BlockEncoder {
    /// Encodes values in one given encoding, whether it is the smallest or not, for tests and
    /// measurements. With nulls the values stand in MASKED when `isCompact`, else in NULLABLE.
    /// Nil when the encoding cannot hold the values, or when all of them are null.
    package static func encode(
        _ input: BlockInput, rowCount: Int, validity: UnsafePointer<UInt64>?,
        forcing encoding: Encoding, isCompact: Bool = true
    ) -> EncodedBlock? {
        if case .strings(let offsets, let bytes) = input {
            return encode(
                TextInput(offsets: offsets, bytes: bytes, rowCount: rowCount), validity,
                forcing: encoding)
        }
        let all = numbers(input, rowCount: rowCount)
        let nullCount = validity.map { NullRows.count($0, rowCount: rowCount) } ?? 0
        guard nullCount < rowCount else { return nil }
        var rules = EncodingChooser.Rules()
        rules.float = floatFormat(input)
        guard let validity, nullCount > 0 else {
            let profile = NumberProfile(all)
            return EncodingChooser.force(encoding, all, profile, rules).map {
                finish(NumberChoice(all, $0), profile, input, nulls: nil)
            }
        }
        rules.depth -= 1
        let nulls = NullRows(validity, rowCount: rowCount, nullCount: nullCount)
        let present = all.compacted(validity, validCount: nulls.validCount)
        let stored = isCompact ? present : all.filled(validity)
        return EncodingChooser.force(encoding, stored, NumberProfile(stored), rules).map {
            finish(NumberChoice(stored, $0), NumberProfile(present), input, nulls: nulls)
        }
    }

    private static func encode(
        _ all: TextInput, _ validity: UnsafePointer<UInt64>?, forcing encoding: Encoding
    ) -> EncodedBlock? {
        let rowCount = all.rowCount
        let nullCount = validity.map { NullRows.count($0, rowCount: rowCount) } ?? 0
        guard nullCount < rowCount else { return nil }
        var nulls: NullRows?
        if let validity, nullCount > 0 {
            nulls = NullRows(validity, rowCount: rowCount, nullCount: nullCount)
        }
        let present = nulls.map { all.compacted($0.words, validCount: $0.validCount) } ?? all
        let depth = NodeDescriptor.depthLimit - (nulls == nil ? 0 : 1)
        return TextPlan.force(encoding, present, depth: depth).map {
            finish($0, present, nulls: nulls)
        }
    }
}
