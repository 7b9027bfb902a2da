internal import StoaCompute
internal import StoaModel

/// Numbers the rows of batches by the slots of their keys; of one worker.
final class SlotAssigner {
    private let plan: SlotPlan
    private let nodes: [ExpressionNode]
    private let loaders: [NumberLoader]
    private let slots: UnsafeMutablePointer<UInt32>
    private let digits: UnsafeMutablePointer<UInt32>
    private var wide: UnsafeMutablePointer<UInt64>?
    private var translations: [StringUnion.Translation?]

    init(_ plan: SlotPlan, compiler: ExpressionCompiler) throws(ServiceError) {
        self.plan = plan
        var nodes: [ExpressionNode] = []
        for key in plan.keys { nodes.append(try compiler.compile(key.operand)) }
        self.nodes = nodes
        loaders = nodes.map { _ in NumberLoader(scratch: compiler.scratch) }
        slots = try compiler.scratch.take(UInt32.self)
        digits = try compiler.scratch.take(UInt32.self)
        translations = nodes.map { _ in nil }
        if plan.slotCount > Int(UInt32.max) {
            wide = try compiler.scratch.take(UInt64.self)
        }
    }

    /// The slots of rows of a frame as group numbers, for plans of less than 2^32 slots; nil when
    /// a row has a value that the plan knows nothing of.
    func assign(
        _ frame: Frame, rows: UnsafePointer<UInt16>, count: Int
    ) throws(ServiceError) -> GroupedRows? {
        var isOneGroup = true
        for index in plan.keys.indices {
            let target = index == 0 ? slots : digits
            guard let range = try assign(index, frame, rows, count, into: target) else {
                return nil
            }
            isOneGroup = isOneGroup && range.lowerBound == range.upperBound
            if index > 0 {
                SlotKernels.combine(
                    slots, radix: UInt32(plan.keys[index].radix), digits, count: count)
            }
        }
        return GroupedRows(
            rows: rows, groups: slots, count: count, isWhole: count == frame.rowCount,
            isOneGroup: isOneGroup)
    }

    /// The slots of rows as 64-bit numbers, one per row; nil as `assign`.
    func pack(
        _ frame: Frame, rows: UnsafePointer<UInt16>, count: Int,
        into packed: UnsafeMutablePointer<UInt64>
    ) throws(ServiceError) -> Bool {
        packed.update(repeating: 0, count: count)
        for index in plan.keys.indices {
            guard try assign(index, frame, rows, count, into: digits) != nil else { return false }
            SlotKernels.combine(
                packed, radix: UInt64(plan.keys[index].radix), digits, count: count)
        }
        return true
    }

    /// The digits of one key, and their bounds; nil when one is outside.
    private func assign(
        _ index: Int, _ frame: Frame, _ rows: UnsafePointer<UInt16>, _ count: Int,
        into target: UnsafeMutablePointer<UInt32>
    ) throws(ServiceError) -> ClosedRange<UInt32>? {
        let key = plan.keys[index]
        let vector = try nodes[index].value(frame).vector
        try fill(index, vector, frame.rowCount, target)
        if count < frame.rowCount { SlotKernels.compact(target, rows: rows, count: count) }
        if let validity = vector.validity {
            guard key.hasNull else { return nil }
            SlotKernels.markNulls(
                validity, rows: rows, count: count, null: UInt32(key.valueCount), in: target)
        }
        let range = SlotKernels.bounds(target, count: count)
        return Int(range.upperBound) < key.radix ? range : nil
    }

    private func fill(
        _ index: Int, _ vector: Vector, _ rowCount: Int,
        _ target: UnsafeMutablePointer<UInt32>
    ) throws(ServiceError) {
        switch (plan.keys[index].source, vector.content) {
        case (.numbers(let low), .integers(let source)):
            SlotKernels.distances(source, from: low, rowCount: rowCount, into: target)
        case (.steps(let steps), .integers(let source)):
            let values = try loaders[index].integers(source, rowCount: rowCount)
            fillSteps(values, steps, rowCount, target)
        case (.days(let days, let digits, _), .integers(let source)):
            let values = try loaders[index].integers(source, rowCount: rowCount)
            fillSteps(values, days, rowCount, target)
            digits.withUnsafeBufferPointer { digits in
                for row in 0..<rowCount {
                    let day = Int(target[row])
                    target[row] = day < digits.count ? digits[day] : .max
                }
            }
        case (.strings(let union), .codes(let source, let dictionary)) where dictionary.count > 0:
            if translations[index]?.dictionary !== dictionary {
                translations[index] = try union.translation(of: dictionary)
            }
            guard let translation = translations[index] else { break }
            if translation.isIdentity {
                SlotKernels.distances(source, from: 0, rowCount: rowCount, into: target)
            } else {
                SlotKernels.translate(
                    source, translation.ranks, rowCount: rowCount, into: target)
            }
        default: target.update(repeating: .max, count: rowCount)
        }
    }

    private func fillSteps(
        _ values: UnsafePointer<Int64>, _ steps: UnitSteps, _ rowCount: Int,
        _ target: UnsafeMutablePointer<UInt32>
    ) {
        let range = IntegerLanes.bounds(values, rowCount: rowCount)
        let (first, last) = (steps.index(range.lowerBound), steps.index(range.upperBound))
        if first == last {
            target.update(repeating: UInt32(clamping: first), count: rowCount)
            return
        }
        for row in 0..<rowCount {
            let step = steps.index(values[row])
            target[row] = step > UInt64(UInt32.max) ? .max : UInt32(truncatingIfNeeded: step)
        }
    }
}
