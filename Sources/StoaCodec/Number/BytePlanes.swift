internal import StoaModel

/// Puts the bytes of numbers together again.
enum BytePlanes {
    /// Number i has its byte k at `planes[i + k × stride]`.
    static func join(
        _ planes: UnsafeRawPointer, stride: Int, count: Int,
        into target: UnsafeMutableRawPointer, lane: Lane
    ) {
        let bytes = planes.assumingMemoryBound(to: UInt8.self)
        switch lane {
        case .constant: return
        case .u8: target.copyMemory(from: planes, byteCount: count)
        case .u16: joinLane(bytes, stride, count, target.assumingMemoryBound(to: UInt16.self))
        case .u32: joinLane(bytes, stride, count, target.assumingMemoryBound(to: UInt32.self))
        case .u64: joinLane(bytes, stride, count, target.assumingMemoryBound(to: UInt64.self))
        }
    }

    @inline(__always)
    private static func joinLane<T: FixedWidthInteger & UnsignedInteger>(
        _ planes: UnsafePointer<UInt8>, _ stride: Int, _ count: Int,
        _ target: UnsafeMutablePointer<T>
    ) {
        for row in 0..<count { target[row] = T(truncatingIfNeeded: planes[row]) }
        for plane in 1..<T.bitWidth / 8 {
            let source = planes + plane &* stride
            let shift = T(truncatingIfNeeded: plane &* 8)
            for row in 0..<count { target[row] |= T(truncatingIfNeeded: source[row]) &<< shift }
        }
    }
}
