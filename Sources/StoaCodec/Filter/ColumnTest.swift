package import StoaModel

/// One column against constants, in the form that blocks answer from their encoding. A null row
/// passes `isNull` only.
package enum ColumnTest: Sendable {
    /// An integer-backed value (UINT64 as its value) in one of the ranges, which are sorted and
    /// do not touch; none: no row passes.
    case integers([ClosedRange<Int128>])
    /// A float whose `OrderKey` lies in one of the ranges, sorted and apart.
    case floats([ClosedRange<Int64>])
    /// A position in the segment's dictionary.
    case codes(CodeSet)
    case strings(StringTest)
    case isNull
    case isNotNull
}

/// Which strings of a dictionary pass a test: made once per dictionary, then one look per row.
package final class CodeSet: @unchecked Sendable {
    // SAFETY: nothing changes after `init`; `answers` is this object's alone.
    /// The least and the greatest position that passes; nil when none does.
    package let bounds: ClosedRange<UInt32>?
    /// Whether every position between the bounds passes.
    package let isRange: Bool
    /// A byte per position, 1 where it passes; the bytes behind `count` are 0.
    let answers: UnsafeMutablePointer<UInt8>
    /// Keeps a position that cannot be trusted inside the memory of `answers`.
    let indexMask: Int
    /// Strings of the dictionary.
    package let count: Int

    /// - Parameter passes: Whether the string at a position passes.
    package init(count: Int, _ passes: (Int) -> Bool) {
        self.count = count
        let capacity = count < 2 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
        indexMask = capacity - 1
        answers = .allocate(capacity: capacity + 64)
        answers.initialize(repeating: 0, count: capacity + 64)
        var passing = 0, least = 0, greatest = 0
        for code in 0..<count where passes(code) {
            answers[code] = 1
            if passing == 0 { least = code }
            greatest = code
            passing += 1
        }
        bounds = passing == 0 ? nil : UInt32(least)...UInt32(greatest)
        isRange = passing == 0 || greatest - least + 1 == passing
    }

    /// Positions of a sorted dictionary.
    package convenience init(count: Int, range: Range<Int>) {
        self.init(count: count) { range.contains($0) }
    }

    deinit { answers.deallocate() }

    /// Whether a position passes.
    package func contains(_ code: Int) -> Bool {
        code >= 0 && code < count && answers[code] != 0
    }
}
