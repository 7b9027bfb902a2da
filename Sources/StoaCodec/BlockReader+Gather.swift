internal import StoaBase
package import StoaModel

/// Single rows of a block, for scans of which few rows are left: what is not asked for is not
/// unpacked.
extension BlockReader {
    /// Reads `count` ≤ 4,096 rows, rising. The vector points into the scratch, and is valid until
    /// the next read with this scratch.
    package func gather(
        _ rows: UnsafePointer<UInt16>, count: Int, into scratch: VectorScratch
    ) -> Vector {
        invariant(count >= 1 && count <= Limits.batchRows, "a gather fits the scratch")
        invariant(Int(rows[count - 1]) < rowCount, "rows are gathered inside the block")
        let workspace = DecodeWorkspace.of(scratch)
        if case .allNull = content { return readNulls(rowCount: count, scratch) }
        let places = workspace.places.address.assumingMemoryBound(to: UInt16.self)
        var words: UnsafePointer<UInt64>?
        if let validity { words = self.places(rows, count, validity, scratch, into: places) }
        let isCompact = validity != nil && root.encoding == .masked
        let stored = isCompact ? UnsafePointer(places) : rows
        switch content {
        case .numbers(let node):
            return gatherNumbers(node, stored, count, words, scratch, workspace)
        case .strings(let node):
            let numbered = node.gatherNumbered(
                stored, count: count, into: scratch.values, workspace)
            if let numbered {
                return Vector(
                    rowCount: count, content: .numbered(numbered.numbers, numbered.template),
                    validity: words)
            }
            let bytes = node.gather(stored, count: count, offsets: scratch.offsets, workspace)
            return Vector(
                rowCount: count,
                content: .strings(offsets: UnsafePointer(scratch.offsets), bytes: bytes),
                validity: words)
        case .allNull: return readNulls(rowCount: count, scratch)
        }
    }

    /// The places of rows among those that are not null, and the rows' validity; nil when none
    /// is null. A null row has the place of a neighbour.
    private func places(
        _ rows: UnsafePointer<UInt16>, _ count: Int, _ validity: Validity,
        _ scratch: VectorScratch, into places: UnsafeMutablePointer<UInt16>
    ) -> UnsafePointer<UInt64>? {
        scratch.validity.update(repeating: 0, count: (count + 63) / 64)
        var validCount = 0
        for index in 0..<count {
            let row = Int(rows[index])
            let isValid = validity.words[row &>> 6] &>> UInt64(row & 63) & 1
            scratch.validity[index &>> 6] |= isValid &<< UInt64(index & 63)
            validCount &+= Int(isValid)
            places[index] = UInt16(min(validity.rank(row), validity.validCount - 1))
        }
        return validCount == count ? nil : UnsafePointer(scratch.validity)
    }

    private func gatherNumbers(
        _ node: NumberNode, _ rows: UnsafePointer<UInt16>, _ count: Int,
        _ words: UnsafePointer<UInt64>?, _ scratch: VectorScratch, _ workspace: DecodeWorkspace
    ) -> Vector {
        let isFloat = kind == .float32 || kind == .float64
        let target = isFloat ? scratch.auxiliary : scratch.values
        let numbers = node.gather(rows, count: count, into: target, workspace)
        let content: Vector.Content
        switch kind {
        case .float32:
            content = .float32(FloatPatterns.float32(numbers, count, into: scratch.values))
        case .float64:
            content = .float64(FloatPatterns.float64(numbers, count, into: scratch.values))
        case .codes: content = codes(numbers, rowCount: count)
        case .integers, .strings: content = .integers(numbers)
        }
        return Vector(rowCount: count, content: content, validity: words)
    }
}

extension NumberNode {
    /// Reads each vector that has a row, and picks.
    func gatherDecoded(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let patterns = target.assumingMemoryBound(to: UInt64.self)
        var index = 0
        while index < count {
            let vector = Int(rows[index]) / Limits.vectorRows
            let numbers = read(
                firstVector: vector, vectorCount: 1, into: workspace.batch.address, workspace)
            let firstRow = vector &* Limits.vectorRows
            let endRow = firstRow &+ Limits.vectorRows
            while index < count, Int(rows[index]) < endRow {
                patterns[index] = numbers.pattern(Int(rows[index]) &- firstRow)
                index &+= 1
            }
        }
        return Vector.Integers(lane: .u64, values: UnsafeRawPointer(target))
    }
}

extension FrameOfReferenceNode {
    /// Rows of one vector from which on it is unpacked whole.
    private static let denseCount = 32

    /// The numbers above the block's base, in the lane that holds all of them.
    func gatherPacked(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let lane = Lane(largest: largest)
        let decoded = workspace.batch.address
        var index = 0
        while index < count {
            let vector = Int(rows[index]) / Limits.vectorRows
            let firstRow = vector &* Limits.vectorRows
            let endRow = firstRow &+ Limits.vectorRows
            var end = index &+ 1
            while end < count, Int(rows[end]) < endRow { end &+= 1 }
            let picked = BitPacking.Picked(rows: rows, places: index..<end, firstRow: firstRow)
            if end &- index >= Self.denseCount, lane != .constant {
                decodeVector(vector, low: 0, into: decoded, lane: lane, workspace)
                switch lane {
                case .constant: break
                case .u8: picked.copy(decoded, into: target, UInt8.self)
                case .u16: picked.copy(decoded, into: target, UInt16.self)
                case .u32: picked.copy(decoded, into: target, UInt32.self)
                case .u64: picked.copy(decoded, into: target, UInt64.self)
                }
            } else {
                pick(picked, of: vector, into: target, lane: lane)
            }
            index = end
        }
        return Vector.Integers(
            lane: lane, values: UnsafeRawPointer(target), base: Int64(bitPattern: parts.base),
            multiplier: Int64(bitPattern: parts.multiplier))
    }
}

extension FrameOfReferenceNode {
    /// Writes single numbers of one vector above the block's base, in multiples.
    private func pick(
        _ picked: BitPacking.Picked, of vector: Int, into target: UnsafeMutableRawPointer,
        lane: Lane
    ) {
        let width = parts.width(vector)
        BitPacking.pick(
            picked, from: parts.packed + Int(starts[vector].unit) &* 128, width: width,
            adding: parts.differenceLane.load(parts.differences, vector), into: target,
            lane: lane)
        // Rows and exceptions both rise; a null row may have the place of the one behind it.
        var patch = Int(starts[vector].patch)
        let end = patch &+ parts.patchCount(vector)
        var place = picked.places.lowerBound
        while patch < end, place < picked.places.upperBound {
            let position = Int(Lane.u16.load(parts.patchPositions, patch))
            let wanted = Int(picked.rows[place]) &- picked.firstRow
            if position == wanted {
                let high = parts.patchLane.load(parts.patchHighs, patch)
                let number = lane.load(target, place) &+ Self.shifted(high, width)
                lane.store(number, to: target, place)
            }
            patch &+= position < wanted ? 1 : 0
            place &+= wanted <= position ? 1 : 0
        }
    }
}

extension BitPacking.Picked {
    /// Copies the wanted numbers out of the vector's decoded ones.
    @inline(__always)
    func copy<T: FixedWidthInteger & UnsignedInteger>(
        _ decoded: UnsafeRawPointer, into target: UnsafeMutableRawPointer, _: T.Type
    ) {
        let source = decoded.assumingMemoryBound(to: T.self)
        let output = target.assumingMemoryBound(to: T.self)
        let (rows, firstRow) = (rows, firstRow)
        for place in places { output[place] = source[Int(rows[place]) &- firstRow] }
    }
}

extension StringNode {
    /// Copies single strings, rising rows, together; the bytes stay valid until the next gather
    /// with the same workspace.
    func gather(
        _ rows: UnsafePointer<UInt16>, count: Int, offsets: UnsafeMutablePointer<UInt32>,
        _ workspace: DecodeWorkspace
    ) -> UnsafeRawPointer {
        let found = workspace.offsets.address.assumingMemoryBound(to: UInt32.self)
        offsets[0] = 0
        var end = 0, index = 0
        while index < count {
            // Neighbours are read together, however many rows lie between them.
            let firstRow = Int(rows[index])
            var last = index
            while last + 1 < count, Int(rows[last + 1]) < firstRow + Limits.vectorRows / 4 {
                last += 1
            }
            let rowCount = Int(rows[last]) - firstRow + 1
            let bytes = read(firstRow: firstRow, rowCount: rowCount, offsets: found, workspace)
            for place in index...last {
                let row = Int(rows[place]) - firstRow
                let byteCount = Int(found[row + 1] - found[row])
                workspace.reserveText(end + byteCount, used: end)
                (workspace.text.address + end).copyMemory(
                    from: bytes + Int(found[row]), byteCount: byteCount)
                end += byteCount
                offsets[place + 1] = UInt32(end)
            }
            index = last + 1
        }
        return UnsafeRawPointer(workspace.text.address)
    }
}
