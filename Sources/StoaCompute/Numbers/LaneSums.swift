package import StoaModel

/// A lane of which two numbers can be read as one.
private protocol PairedLane: FixedWidthInteger & UnsignedInteger {
    associatedtype Pair: FixedWidthInteger & UnsignedInteger
}

extension UInt8: PairedLane { typealias Pair = UInt16 }
extension UInt16: PairedLane { typealias Pair = UInt32 }
extension UInt32: PairedLane { typealias Pair = UInt64 }

/// Sums of numbers and of products of numbers in the lanes they come in, without widening either
/// to 64 bits first.
package enum LaneSums {
    /// What is summed over selected rows, of numbers n and m; modulo 2^64.
    private struct Products {
        /// Rows summed.
        var count = 0
        /// Σ n, Σ m and Σ n × m.
        var left: UInt64 = 0
        var right: UInt64 = 0
        var both: UInt64 = 0
    }

    /// Lanes of at most 32 bits: 4,096 numbers never pass 64 bits together.
    package static func isNarrow(_ lane: Lane) -> Bool { lane != .u64 }

    /// Σ of the selected numbers of a narrow lane.
    package static func sum(
        _ numbers: Vector.Integers, mask: UnsafePointer<UInt64>?, rowCount: Int
    ) -> UInt64 {
        switch numbers.lane {
        case .constant, .u64: 0
        case .u8: sum(numbers.values, UInt8.self, mask, rowCount)
        case .u16: sum(numbers.values, UInt16.self, mask, rowCount)
        case .u32: sum(numbers.values, UInt32.self, mask, rowCount)
        }
    }

    /// Least and greatest of the selected numbers of a narrow lane; nil when none is selected.
    package static func bounds(
        _ numbers: Vector.Integers, mask: UnsafePointer<UInt64>, rowCount: Int
    ) -> ClosedRange<UInt64>? {
        guard !MaskWords.isEmpty(mask, rowCount: rowCount) else { return nil }
        return switch numbers.lane {
        case .constant, .u64: 0...0
        case .u8: bounds(numbers.values, UInt8.self, mask, rowCount)
        case .u16: bounds(numbers.values, UInt16.self, mask, rowCount)
        case .u32: bounds(numbers.values, UInt32.self, mask, rowCount)
        }
    }

    /// Σ of the products of the selected rows' values, of two narrow lanes, modulo 2^64: exact
    /// where it is known to lie in 64 bits, whatever the steps between do.
    ///
    /// - Parameter mask: The rows; nil for all.
    package static func productSum(
        _ left: Vector.Integers, _ right: Vector.Integers, mask: UnsafePointer<UInt64>?,
        rowCount: Int
    ) -> (total: Int64, count: Int) {
        // Σ (a + j n)(b + k m), by powers of n and m.
        let (a, b) = (left.base, right.base)
        let (j, k) = (left.multiplier, right.multiplier)
        let sums = products(left, right, mask, rowCount, wantsSides: a != 0 || b != 0)
        var total = j &* k &* Int64(bitPattern: sums.both)
        total &+= a &* b &* Int64(sums.count)
        total &+= a &* k &* Int64(bitPattern: sums.right)
        total &+= b &* j &* Int64(bitPattern: sums.left)
        return (total, sums.count)
    }

    private static func products(
        _ left: Vector.Integers, _ right: Vector.Integers, _ mask: UnsafePointer<UInt64>?,
        _ rowCount: Int, wantsSides: Bool
    ) -> Products {
        let (a, b) = (left.values, right.values)
        let rows = (mask: mask, count: rowCount, wantsSides: wantsSides)
        switch (left.lane, right.lane) {
        case (.u32, .u32): return products(a, UInt32.self, b, UInt32.self, rows)
        case (.u32, .u16): return products(a, UInt32.self, b, UInt16.self, rows)
        case (.u32, .u8): return products(a, UInt32.self, b, UInt8.self, rows)
        case (.u16, .u16): return products(a, UInt16.self, b, UInt16.self, rows)
        case (.u16, .u8): return products(a, UInt16.self, b, UInt8.self, rows)
        case (.u8, .u8): return products(a, UInt8.self, b, UInt8.self, rows)
        case (.constant, _), (_, .constant), (.u64, _), (_, .u64):
            return Products(
                count: mask.map { MaskWords.count($0, rowCount: rowCount) } ?? rowCount,
                left: sum(left, mask: mask, rowCount: rowCount),
                right: sum(right, mask: mask, rowCount: rowCount))
        default:
            let swapped = products(right, left, mask, rowCount, wantsSides: wantsSides)
            return Products(
                count: swapped.count, left: swapped.right, right: swapped.left,
                both: swapped.both)
        }
    }

    // MARK: Loops

    /// Calls `whole` with stretches of selected rows and `single` with the others.
    @inline(__always)
    private static func forEach(
        _ mask: UnsafePointer<UInt64>?, _ rowCount: Int, whole: (Int, Int) -> Void,
        single: (Int) -> Void
    ) {
        guard let mask else { return whole(0, rowCount) }
        let wordCount = MaskWords.wordCount(rowCount)
        var word = 0
        while word < wordCount {
            var end = word
            while end < wordCount, mask[end] == .max { end &+= 1 }
            if end > word {
                whole(word &* 64, (end &- word) &* 64)
                word = end
                continue
            }
            var bits = mask[word]
            while bits != 0 {
                single(word &* 64 &+ bits.trailingZeroBitCount)
                bits &= bits &- 1
            }
            word &+= 1
        }
    }

    @inline(__always)
    private static func sum<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeRawPointer, _: T.Type, _ mask: UnsafePointer<UInt64>?, _ rowCount: Int
    ) -> UInt64 {
        let numbers = values.assumingMemoryBound(to: T.self)
        var total: UInt64 = 0
        forEach(mask, rowCount) { first, count in
            let rows = numbers + first
            var part: UInt64 = 0
            for row in 0..<count { part &+= UInt64(truncatingIfNeeded: rows[row]) }
            total &+= part
        } single: {
            total &+= UInt64(truncatingIfNeeded: numbers[$0])
        }
        return total
    }

    @inline(__always)
    private static func bounds<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeRawPointer, _: T.Type, _ mask: UnsafePointer<UInt64>, _ rowCount: Int
    ) -> ClosedRange<UInt64> {
        let numbers = values.assumingMemoryBound(to: T.self)
        var low = T.max, high = T.min
        forEach(mask, rowCount) { first, count in
            let rows = numbers + first
            var (least, greatest) = (T.max, T.min)
            for row in 0..<count {
                let number = rows[row]
                least = number < least ? number : least
                greatest = number > greatest ? number : greatest
            }
            low = min(low, least)
            high = max(high, greatest)
        } single: {
            low = min(low, numbers[$0])
            high = max(high, numbers[$0])
        }
        return UInt64(low)...UInt64(high)
    }

    /// Two rows at a time: the halves of a word cost a mask and a shift, while numbers widened one
    /// by one wait for the only unit that moves them between halves of a register.
    @inline(__always)
    private static func dot<A: PairedLane, B: PairedLane>(
        _ left: UnsafePointer<A>, _ right: UnsafePointer<B>, _ count: Int
    ) -> UInt64 {
        let lefts = UnsafeRawPointer(left).assumingMemoryBound(to: A.Pair.self)
        let rights = UnsafeRawPointer(right).assumingMemoryBound(to: B.Pair.self)
        let (maskA, maskB) = (UInt64(A.max), UInt64(B.max))
        let (shiftA, shiftB) = (UInt64(A.bitWidth), UInt64(B.bitWidth))
        var total: UInt64 = 0
        for pair in 0..<count / 2 {
            let n = UInt64(lefts[pair]), m = UInt64(rights[pair])
            total &+= (n & maskA) &* (m & maskB)
            total &+= (n &>> shiftA) &* (m &>> shiftB)
        }
        if count & 1 != 0 { total &+= UInt64(left[count &- 1]) &* UInt64(right[count &- 1]) }
        return total
    }

    @inline(__always)
    private static func products<A: PairedLane, B: PairedLane>(
        _ left: UnsafeRawPointer, _: A.Type, _ right: UnsafeRawPointer, _: B.Type,
        _ rows: (mask: UnsafePointer<UInt64>?, count: Int, wantsSides: Bool)
    ) -> Products {
        let a = left.assumingMemoryBound(to: A.self), b = right.assumingMemoryBound(to: B.self)
        let wantsSides = rows.wantsSides
        var result = Products()
        forEach(rows.mask, rows.count) { first, count in
            let (rowsA, rowsB) = (a + first, b + first)
            result.count &+= count
            guard wantsSides else {
                result.both &+= dot(rowsA, rowsB, count)
                return
            }
            var sumA: UInt64 = 0, sumB: UInt64 = 0, both: UInt64 = 0
            for row in 0..<count {
                // Through 32 bits: one instruction multiplies such numbers into 64.
                let n = UInt64(UInt32(truncatingIfNeeded: rowsA[row]))
                let m = UInt64(UInt32(truncatingIfNeeded: rowsB[row]))
                sumA &+= n
                sumB &+= m
                both &+= n &* m
            }
            result.left &+= sumA
            result.right &+= sumB
            result.both &+= both
        } single: { row in
            let n = UInt64(truncatingIfNeeded: a[row]), m = UInt64(truncatingIfNeeded: b[row])
            result.left &+= n
            result.right &+= m
            result.both &+= n &* m
            result.count &+= 1
        }
        return result
    }
}

/// Products of two vectors in 64 bits, from the lanes they come in.
package enum LaneProducts {
    /// `left × right` of each row, for values that are known to be 0 … 2^32 - 1, on lanes of at
    /// most 32 bits.
    package static func multiply(
        _ left: Vector.Integers, _ right: Vector.Integers, rowCount: Int,
        into target: UnsafeMutablePointer<Int64>
    ) {
        switch left.lane {
        case .u32: multiply(left, UInt32.self, right, rowCount, target)
        case .u16: multiply(left, UInt16.self, right, rowCount, target)
        default: multiply(left, UInt8.self, right, rowCount, target)
        }
    }

    private static func multiply<A: FixedWidthInteger & UnsignedInteger>(
        _ left: Vector.Integers, _: A.Type, _ right: Vector.Integers, _ rowCount: Int,
        _ target: UnsafeMutablePointer<Int64>
    ) {
        switch right.lane {
        case .u32: multiply(left, A.self, right, UInt32.self, rowCount, target)
        case .u16: multiply(left, A.self, right, UInt16.self, rowCount, target)
        default: multiply(left, A.self, right, UInt8.self, rowCount, target)
        }
    }

    @inline(__always)
    private static func multiply<
        A: FixedWidthInteger & UnsignedInteger, B: FixedWidthInteger & UnsignedInteger
    >(
        _ left: Vector.Integers, _: A.Type, _ right: Vector.Integers, _: B.Type,
        _ rowCount: Int, _ target: UnsafeMutablePointer<Int64>
    ) {
        let a = left.values.assumingMemoryBound(to: A.self)
        let b = right.values.assumingMemoryBound(to: B.self)
        let (baseA, baseB) = (
            UInt32(truncatingIfNeeded: left.base), UInt32(truncatingIfNeeded: right.base)
        )
        let (timesA, timesB) = (
            UInt32(truncatingIfNeeded: left.multiplier),
            UInt32(truncatingIfNeeded: right.multiplier)
        )
        for row in 0..<rowCount {
            let n = baseA &+ timesA &* UInt32(truncatingIfNeeded: a[row])
            let m = baseB &+ timesB &* UInt32(truncatingIfNeeded: b[row])
            target[row] = Int64(bitPattern: UInt64(n) &* UInt64(m))
        }
    }
}
