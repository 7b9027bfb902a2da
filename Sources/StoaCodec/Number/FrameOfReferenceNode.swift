internal import StoaBase
internal import StoaModel

/// A checked FOR node.
///
/// A read of several vectors has one lane and one base: the narrowest lane that holds all of
/// them above the least of their bases. Vectors packed in that lane are unpacked straight into
/// place, with their distance from the common base added on the way.
final class FrameOfReferenceNode: NumberNode {
    /// The arrays of a node, after their checks. What says where others begin is a copy: what is
    /// left in the block are numbers, which mean something whatever they are.
    struct Parts {
        let base: UInt64
        let multiplier: UInt64
        let patchTotal: Int
        let differenceLane: Lane
        let patchLane: Lane
        /// u8, differenceLane and u16 for each vector, in `memory`.
        let widths: UnsafeRawPointer
        let differences: UnsafeRawPointer
        let patchCounts: UnsafeRawPointer
        private let memory: HeapBytes
        let packed: UnsafeRawPointer
        let patchPositions: UnsafeRawPointer
        let patchHighs: UnsafeRawPointer
        let maxWidth: Int
        /// Bits of the widest high part.
        let patchWidth: Int

        init(_ node: inout NodeBytes) throws(CodecError) {
            let vectorCount = NumberNode.vectorCount(node.descriptor.rowCount)
            base = node.field(16, as: UInt64.self)
            multiplier = node.field(24, as: UInt64.self)
            guard multiplier >= 1 else { throw node.invalid(.multiplier) }
            patchTotal = Int(node.field(32, as: UInt32.self))
            guard let differenceLane = Lane(rawValue: node.field(36, as: UInt8.self)) else {
                throw node.invalid(.difference)
            }
            guard let patchLane = Lane(rawValue: node.field(37, as: UInt8.self)),
                (patchLane == .constant) == (patchTotal == 0),
                patchTotal < vectorCount * Limits.vectorRows
            else { throw node.invalid(.patchCount) }
            self.differenceLane = differenceLane
            self.patchLane = patchLane
            let widthBytes = try node.take(vectorCount)
            let differenceBytes = try node.take(vectorCount * differenceLane.byteCount)
            let countBytes = try node.take(patchTotal > 0 ? vectorCount * 2 : 0)
            memory = HeapBytes(byteCount: vectorCount * 11 + 16)
            differences = UnsafeRawPointer(memory.address)
            patchCounts = differences + (differenceBytes.count + 7) / 8 * 8
            widths = patchCounts + countBytes.count
            memory.address.copyMemory(
                from: differenceBytes.pointer, byteCount: differenceBytes.count)
            UnsafeMutableRawPointer(mutating: patchCounts)
                .copyMemory(from: countBytes.pointer, byteCount: countBytes.count)
            UnsafeMutableRawPointer(mutating: widths)
                .copyMemory(from: widthBytes.pointer, byteCount: vectorCount)
            var unitCount = 0, widest = 0
            for vector in 0..<vectorCount {
                let width = Int(Lane.u8.load(widths, vector))
                guard width <= 64 else { throw node.invalid(.width) }
                unitCount += width
                widest = max(widest, width)
            }
            maxWidth = widest
            packed = try node.take(unitCount * 128, alignment: 64).pointer
            patchPositions = try node.take(patchTotal * 2).pointer
            patchHighs = try node.take(patchTotal * patchLane.byteCount).pointer
            var highs: UInt64 = 0
            for patch in 0..<patchTotal { highs |= patchLane.load(patchHighs, patch) }
            patchWidth = highs.width
            try checkPatches(node, vectorCount: vectorCount)
            try checkLane(node, vectorCount: vectorCount)
        }

        /// The lane follows from widths and differences. Were it believed, a value could depend
        /// on where a read starts.
        private func checkLane(_ node: NodeBytes, vectorCount: Int) throws(CodecError) {
            var largest: UInt64 = 0
            for vector in 0..<vectorCount { largest = max(largest, bounds(vector).high) }
            guard Lane(largest: largest).rawValue == node.descriptor.lane else {
                throw node.invalid(.lane)
            }
        }

        private func checkPatches(
            _ node: NodeBytes, vectorCount: Int
        ) throws(CodecError) {
            guard patchTotal > 0 else { return }
            var patch = 0
            for vector in 0..<vectorCount {
                let count = Int(Lane.u16.load(patchCounts, vector))
                guard count < Limits.vectorRows, count <= patchTotal - patch else {
                    throw node.invalid(.patchCount)
                }
                var next = 0
                for _ in 0..<count {
                    let position = Int(Lane.u16.load(patchPositions, patch))
                    guard position >= next, position < Limits.vectorRows else {
                        throw node.invalid(.patchPosition)
                    }
                    next = position + 1
                    patch += 1
                }
            }
            guard patch == patchTotal else { throw node.invalid(.patchCount) }
        }

        @inline(__always)
        func width(_ vector: Int) -> Int { Int(Lane.u8.load(widths, vector)) }

        @inline(__always)
        func patchCount(_ vector: Int) -> Int {
            patchTotal == 0 ? 0 : Int(Lane.u16.load(patchCounts, vector))
        }

        /// Bounds of a vector's numbers above the block's base, in multiples.
        @inline(__always)
        func bounds(_ vector: Int) -> (low: UInt64, high: UInt64) {
            let patched = patchCount(vector) > 0 ? patchWidth : 0
            return FrameOfReferenceCodec.bounds(
                difference: differenceLane.load(differences, vector),
                width: width(vector) &+ patched)
        }
    }

    let parts: Parts
    /// For each vector: where its bits begin, in units of 128 bytes, and its first exception.
    let starts: UnsafeMutablePointer<(unit: UInt32, patch: UInt32)>
    /// No number above the base is greater, in multiples.
    let largest: UInt64
    /// The base in multiples, where it is below 2^32 of them.
    private let origin: UInt64?

    init(_ descriptor: NodeDescriptor, _ parts: Parts) {
        self.parts = parts
        let count = NumberNode.vectorCount(descriptor.rowCount)
        starts = .allocate(capacity: count)
        var unit = 0, patch = 0, largest: UInt64 = 0
        for vector in 0..<count {
            largest = max(largest, parts.bounds(vector).high)
            (starts + vector).initialize(to: (UInt32(unit), UInt32(patch)))
            unit += parts.width(vector)
            patch += parts.patchCount(vector)
        }
        self.largest = largest
        let (quotient, rest) = parts.base.quotientAndRemainder(dividingBy: parts.multiplier)
        origin = rest == 0 && quotient <= UInt64(UInt32.max) ? quotient : nil
        super.init(descriptor)
    }

    deinit { starts.deallocate() }

    /// Bounds of `base + multiplier × number` when nothing wraps around; nil when it might.
    var valueBounds: ClosedRange<Int128>? {
        var low = UInt64.max, high: UInt64 = 0
        for vector in 0..<vectorCount {
            let bounds = parts.bounds(vector)
            low = min(low, bounds.low)
            high = max(high, bounds.high)
        }
        let base = Int128(Int64(bitPattern: parts.base))
        let (reach, overflows) = Int128(high).multipliedReportingOverflow(
            by: Int128(parts.multiplier))
        guard !overflows, base + reach <= Int128(Int64.max) else { return nil }
        return base + Int128(low) * Int128(parts.multiplier)...base + reach
    }

    override var lastingBounds: ClosedRange<Int128>? { parts.patchTotal == 0 ? valueBounds : nil }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        var low = UInt64.max, high: UInt64 = 0
        for vector in firstVector..<firstVector &+ vectorCount {
            let bounds = parts.bounds(vector)
            low = min(low, bounds.low)
            high = max(high, bounds.high)
        }
        let lane = Lane(largest: high &- low)
        // Numbers from zero in a lane of the same width spare the reader the base.
        if let origin, lane != .constant, lane != .u64 {
            let (whole, overflow) = origin.addingReportingOverflow(high)
            if !overflow, Lane(largest: whole) == lane { low = 0 &- origin }
        }
        for index in 0..<vectorCount where lane != .constant {
            let vector = firstVector &+ index
            decodeVector(
                vector, low: low, into: target + index &* Limits.vectorRows &* lane.byteCount,
                lane: lane, workspace)
        }
        return Vector.Integers(
            lane: lane, values: UnsafeRawPointer(target),
            base: Int64(bitPattern: parts.base &+ parts.multiplier &* low),
            multiplier: Int64(bitPattern: parts.multiplier))
    }

    /// Decodes 1,024 numbers above `low` into a lane that holds them.
    func decodeVector(
        _ vector: Int, low: UInt64, into target: UnsafeMutableRawPointer, lane: Lane,
        _ workspace: DecodeWorkspace
    ) {
        let width = parts.width(vector)
        let addend = parts.differenceLane.load(parts.differences, vector) &- low
        let source = parts.packed + Int(starts[vector].unit) &* 128
        if width == 0 {
            NumberKernels.fill(target, lane: lane, count: Limits.vectorRows, with: addend)
        } else if Lane(width: width) == lane {
            BitPacking.unpack(source, width: width, adding: addend, into: target)
        } else {
            let narrow = workspace.vector.address
            BitPacking.unpack(source, width: width, adding: 0, into: narrow)
            NumberKernels.widen(
                narrow, from: Lane(width: width), count: Limits.vectorRows, adding: addend,
                into: (target, lane))
        }
        let patchCount = parts.patchCount(vector)
        guard patchCount > 0 else { return }
        let first = Int(starts[vector].patch)
        for patch in first..<first &+ patchCount {
            // Positions are below 1,024 unless they changed since.
            let stored = Int(Lane.u16.load(parts.patchPositions, patch))
            let position = stored & (Limits.vectorRows &- 1)
            let high = parts.patchLane.load(parts.patchHighs, patch)
            let shifted = width >= 64 ? 0 : high &<< UInt64(truncatingIfNeeded: width)
            lane.store(lane.load(target, position) &+ shifted, to: target, position)
        }
    }

    override func filter(
        _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) { filterPacked(test, rows, workspace) }

    override func gather(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers { gatherPacked(rows, count: count, into: target, workspace) }

    override var text: String {
        FrameOfReferenceCodec.text(
            lane: Lane(rawValue: descriptor.lane) ?? .constant, maxWidth: parts.maxWidth,
            multiplier: parts.multiplier, patchTotal: parts.patchTotal)
    }
}
