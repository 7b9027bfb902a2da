internal import CZlib

/// Decompresses gzip: one member or several behind one another (RFC 1952), as `gzip`, `bgzip`
/// and `cat a.gz b.gz` write them. Lengths and checksums are verified by zlib.
final class GzipStage: ByteStage {
    private enum Place: Equatable {
        /// So many bytes of the next member's magic were seen.
        case betweenMembers(magicCount: Int)
        case insideMember
        /// Zeros that fill up a block of a tape or disk.
        case padding
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private var place = Place.insideMember
    /// False when there was no memory to begin with.
    private let isReady: Bool

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for "gzip and nothing else".
        let status = inflateInit2_(
            stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        isReady = status == Z_OK
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(InputFault) -> (consumed: Int, produced: Int) {
        guard isReady else { throw .outOfMemory(.gzip) }
        switch place {
        case .insideMember:
            // Without input too: what did not fit into the output before comes now.
            let moved = try inflate(input, into: output)
            if input.isEmpty, isLast, moved.produced == 0, place == .insideMember {
                throw .truncated(.gzip)
            }
            return moved
        case .betweenMembers(let count) where input.isEmpty && isLast && count > 0:
            throw .trailingBytes(.gzip)
        default:
            return (try passBetween(input), 0)
        }
    }

    /// Looks for the start of another member; bytes that were passed.
    private func passBetween(_ input: UnsafeRawBufferPointer) throws(InputFault) -> Int {
        for (index, byte) in input.enumerated() {
            switch place {
            case .betweenMembers(let count) where byte == Compression.gzipMagic[count]:
                place = .betweenMembers(magicCount: count + 1)
                guard count + 1 == Compression.gzipMagic.count else { continue }
                try begin()
                return index + 1
            case .betweenMembers(0) where byte == 0: place = .padding
            case .padding where byte == 0: continue
            default: throw .trailingBytes(.gzip)
            }
        }
        return input.count
    }

    /// Begins the next member, of which the magic was read already.
    private func begin() throws(InputFault) {
        inflateReset(stream)
        place = .insideMember
        var magic = Compression.gzipMagic
        let isTaken = magic.withUnsafeMutableBytes { bytes in
            stream.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_in = UInt32(bytes.count)
            var none: UInt8 = 0
            return withUnsafeMutablePointer(to: &none) { target in
                stream.pointee.next_out = target
                stream.pointee.avail_out = 1
                let status = CZlib.inflate(stream, Z_NO_FLUSH)
                return (status == Z_OK || status == Z_BUF_ERROR) && stream.pointee.avail_in == 0
            }
        }
        guard isTaken else { throw .corrupt(.gzip) }
    }

    private func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(InputFault) -> (consumed: Int, produced: Int) {
        // zlib counts in 32 bits.
        let given = min(input.count, 1 << 30)
        let room = min(output.count, 1 << 30)
        let source = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source)
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = UInt32(room)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        switch status {
        case Z_STREAM_END: place = .betweenMembers(magicCount: 0)
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .outOfMemory(.gzip)
        default: throw .corrupt(.gzip)
        }
        return (given - Int(stream.pointee.avail_in), room - Int(stream.pointee.avail_out))
    }
}
