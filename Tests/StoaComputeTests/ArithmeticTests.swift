import StoaBase
import StoaCompute
import StoaModel
import Testing

@Suite struct ArithmeticTests {
    /// One row that is selected, or not.
    private final class OneRow {
        private let mask = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
        init(isSelected: Bool = true) { mask.initialize(to: isSelected ? 1 : 0) }
        deinit { mask.deallocate() }
        var scope: RowScope { RowScope(rowCount: 1, selection: mask, validity: nil) }
    }

    /// Runs one operator on one pair through the checked kernel.
    private func narrow(
        _ operation: NumberOperator, _ left: Int64, _ right: Int64, isSelected: Bool = true
    ) throws(ComputeError) -> Int64 {
        var (left, right, out) = (left, right, Int64(0))
        let row = OneRow(isSelected: isSelected)
        defer { withExtendedLifetime(row) {} }
        let scope = row.scope
        if operation == .integerDivide || operation == .modulo {
            try IntegerArithmetic.divide(operation, &left, &right, scope: scope, into: &out)
        } else {
            try IntegerArithmetic.checked(operation, &left, &right, scope: scope, into: &out)
        }
        return out
    }

    /// One pair through the 128-bit kernel.
    private func apply(
        _ operation: NumberOperator, _ operands: (Int128, Int128), _ shape: WideArithmetic.Shape,
        _ scope: RowScope, _ out: inout Int128
    ) throws(ComputeError) {
        let left = UnsafeMutablePointer<Int128>.allocate(capacity: 2)
        defer { left.deallocate() }
        left.initialize(to: operands.0)
        (left + 1).initialize(to: operands.1)
        try WideArithmetic.apply(
            operation, (UnsafePointer(left), UnsafePointer(left + 1)), shape: shape, scope: scope,
            into: &out)
    }

    private func slow(_ operation: NumberOperator, _ left: Int128, _ right: Int128) -> Int128? {
        switch operation {
        case .add: Self.exact(left.addingReportingOverflow(right))
        case .subtract: Self.exact(left.subtractingReportingOverflow(right))
        case .multiply: Self.exact(left.multipliedReportingOverflow(by: right))
        case .integerDivide: right == 0 ? nil : left / right
        case .modulo: right == 0 ? nil : left % right
        }
    }

    private static func exact(_ result: (partialValue: Int128, overflow: Bool)) -> Int128? {
        result.overflow ? nil : result.partialValue
    }

    @Test(
        "64-bit arithmetic is right or an error, never wrapped",
        arguments: NumberOperator.allCases)
    func narrowArithmetic(operation: NumberOperator) {
        let values: [Int64] = [
            0, 1, -1, 2, -7, 1 << 31, -(1 << 32), .max, .min, .max - 1, .min + 1, 3_037_000_500,
        ]
        for left in values {
            for right in values {
                let expected = slow(operation, Int128(left), Int128(right))
                let result = try? narrow(operation, left, right)
                if let expected, let fitting = Int64(exactly: expected) {
                    #expect(result == fitting)
                } else {
                    #expect(result == nil)
                }
                #expect((try? narrow(operation, left, right, isSelected: false)) != nil)
            }
        }
    }

    @Test("128-bit arithmetic keeps to 38 digits", arguments: NumberOperator.allCases)
    func wideArithmetic(operation: NumberOperator) {
        let limit = Int128.powerOfTen(38) - 1
        let values: [Int128] = [0, 1, -1, 7, 1 << 64, -(1 << 100), limit, -limit, .powerOfTen(19)]
        let row = OneRow()
        defer { withExtendedLifetime(row) {} }
        let scope = row.scope
        let shape = WideArithmetic.Shape(leftShift: 0, rightShift: 0, limit: limit)
        for left in values {
            for right in values {
                let (first, second) = (left, right)
                var out: Int128 = 0
                var hasFailed = false
                do throws(ComputeError) {
                    try apply(operation, (first, second), shape, scope, &out)
                } catch {
                    hasFailed = true
                }
                let expected = slow(operation, left, right)
                #expect(hasFailed == (expected.map { $0.magnitude > limit.magnitude } ?? true))
                if !hasFailed { #expect(out == expected) }
            }
        }
    }

    @Test("division at scales that pass 128 bits is still exact")
    func shiftedDivision() throws {
        let row = OneRow()
        defer { withExtendedLifetime(row) {} }
        let scope = row.scope
        let limit = Int128.powerOfTen(38) - 1
        let left = Int128.powerOfTen(37) + 3
        let right = Int128.powerOfTen(30) + 1
        var out: Int128 = 0
        // (10^37 + 3) × 10^10 % (10^30 + 1) by reduction step by step.
        try apply(
            .modulo, (left, right),
            WideArithmetic.Shape(leftShift: 10, rightShift: 0, limit: limit), scope, &out)
        var expected = left % right
        for _ in 0..<10 { expected = expected * 10 % right }
        #expect(out == expected)
    }

    @Test("floats round half to even into integers and half away into decimals")
    func casts() {
        #expect(CastKernels.decimal(2.5, scale: 0) == 3)
        #expect(CastKernels.decimal(-2.5, scale: 0) == -3)
        #expect(CastKernels.decimal(0.125, scale: 2) == 13)
        // 1.005 as a double is a little less.
        #expect(CastKernels.decimal(1.005, scale: 2) == 100)
        #expect(CastKernels.decimal(1e300, scale: 0) == nil)
        #expect(CastKernels.decimal(.nan, scale: 0) == nil)
        #expect(CastKernels.decimal(Double.leastNonzeroMagnitude, scale: 38) == 0)
        #expect(CastKernels.divideHalfAway(25, by: 10) == 3)
        #expect(CastKernels.divideHalfAway(-25, by: 10) == -3)
        #expect(CastKernels.divideHalfAway(24, by: 10) == 2)
        #expect(CastKernels.toFloat(1, scale: 1) == 0.1)
        #expect(CastKernels.toFloat(Int128.powerOfTen(38) - 1, scale: 0) == 1e38)
        #expect(CastKernels.toFloat(-123_456_789_012_345_678, scale: 17) == -1.23456789012345678)
    }

    @Test("decimal averages round half away from zero and refuse 39 digits")
    func averages() {
        #expect(Averages.decimal(sum: 10, count: 4, scaleShift: 0) == 3)
        #expect(Averages.decimal(sum: -10, count: 4, scaleShift: 0) == -3)
        #expect(Averages.decimal(sum: 10, count: 3, scaleShift: 6) == 3_333_333)
        #expect(Averages.decimal(sum: .powerOfTen(38) - 1, count: 1, scaleShift: 6) == nil)
        #expect(Averages.decimal(sum: .powerOfTen(37), count: .max, scaleShift: 6) != nil)
        #expect(Averages.float(sum: 7, count: 2) == 3.5)
    }
}
