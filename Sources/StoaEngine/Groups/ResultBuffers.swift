internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// Memory for the results of a batch of groups.
final class ResultBuffers {
    private let scratch: Scratch
    let validity: UnsafeMutablePointer<UInt64>
    private var integerBuffer: UnsafeMutablePointer<Int64>?
    private var wideBuffer: UnsafeMutablePointer<Int128>?
    private var floatBuffer: UnsafeMutablePointer<Double>?
    private var offsetBuffer: UnsafeMutablePointer<UInt32>?
    private var text = HeapBytes(byteCount: 0)

    init(scratch: Scratch) throws(ServiceError) {
        self.scratch = scratch
        validity = try scratch.takeMask()
    }

    func isValid(_ index: Int) {
        validity[index >> 6] |= 1 << UInt64(index & 63)
    }

    /// Room for the 64-bit numbers of a batch, for results that are written in one go.
    func integerValues() throws(ServiceError) -> UnsafeMutablePointer<Int64> {
        try scratch.reuse(&integerBuffer)
    }

    /// The numbers in `integerValues`.
    func integers(
        count: Int, validity: UnsafePointer<UInt64>?
    ) throws(ServiceError) -> Value {
        Value(
            Vector(
                rowCount: count,
                content: .integers(Vector.Integers(lane: .u64, values: try integerValues())),
                validity: validity))
    }

    /// Room for the 128-bit numbers of a batch, for results that are written in one go.
    func wideValues() throws(ServiceError) -> UnsafeMutablePointer<Int128> {
        try scratch.reuse(&wideBuffer)
    }

    /// The numbers in `wideValues`.
    func wide(
        count: Int, validity: UnsafePointer<UInt64>?
    ) throws(ServiceError) -> Value {
        Value(Vector(rowCount: count, content: .wide(try wideValues()), validity: validity))
    }

    /// 64-bit numbers; nil is NULL.
    func integers(
        count: Int, _ value: (Int) -> Int64?
    ) throws(ServiceError) -> Value {
        let buffer = try scratch.reuse(&integerBuffer)
        MaskWords.clear(validity, rowCount: count)
        for index in 0..<count {
            let number = value(index)
            buffer[index] = number ?? 0
            if number != nil { isValid(index) }
        }
        return Value(
            Vector(
                rowCount: count, content: .integers(Vector.Integers(lane: .u64, values: buffer)),
                validity: validity))
    }

    /// 128-bit numbers; nil is NULL.
    func wide(
        count: Int, _ value: (Int) throws(ServiceError) -> Int128?
    ) throws(ServiceError) -> Value {
        let buffer = try scratch.reuse(&wideBuffer)
        MaskWords.clear(validity, rowCount: count)
        for index in 0..<count {
            let number = try value(index)
            buffer[index] = number ?? 0
            if number != nil { isValid(index) }
        }
        return Value(Vector(rowCount: count, content: .wide(buffer), validity: validity))
    }

    /// Floats; nil is NULL.
    func floats(count: Int, _ value: (Int) -> Double?) throws(ServiceError) -> Value {
        let buffer = try scratch.reuse(&floatBuffer)
        MaskWords.clear(validity, rowCount: count)
        for index in 0..<count {
            let number = value(index)
            buffer[index] = number ?? 0
            if number != nil { isValid(index) }
        }
        return Value(Vector(rowCount: count, content: .float64(buffer), validity: validity))
    }

    /// Strings; nil is NULL.
    func strings(
        count: Int, _ value: (Int) -> UnsafeRawBufferPointer?
    ) throws(ServiceError) -> Value {
        let offsets = try scratch.reuse(&offsetBuffer)
        MaskWords.clear(validity, rowCount: count)
        var byteCount = 0
        for index in 0..<count { byteCount += value(index)?.count ?? 0 }
        guard byteCount <= Int(Int32.max) else {
            throw ServiceError(.memoryLimit, "The groups' strings are too long together.")
        }
        if text.byteCount < byteCount {
            let room = byteCount * 2
            try scratch.budget.reserveForOutput(room)
            scratch.budget.release(text.byteCount)
            text = HeapBytes(byteCount: room)
        }
        offsets[0] = 0
        var end = 0
        for index in 0..<count {
            if let bytes = value(index) {
                isValid(index)
                if let base = bytes.baseAddress, bytes.count > 0 {
                    (text.address + end).copyMemory(from: base, byteCount: bytes.count)
                }
                end += bytes.count
            }
            offsets[index + 1] = UInt32(end)
        }
        return Value(
            Vector(
                rowCount: count, content: .strings(offsets: offsets, bytes: text.address),
                validity: validity))
    }

    deinit { scratch.budget.release(text.byteCount) }
}
