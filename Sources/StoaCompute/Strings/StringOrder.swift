internal import StoaBase
package import StoaModel

/// Order and equality of UTF-8, bytewise.
@usableFromInline
package enum StringOrder {
    /// Negative, 0 or positive as `left` is less, equal or greater.
    @inlinable
    package static func order(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Int {
        let common = min(left.count, right.count)
        if let leftBytes = left.baseAddress, let rightBytes = right.baseAddress {
            var index = 0
            while index &+ 8 <= common {
                let leftWord = leftBytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let rightWord = rightBytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if leftWord != rightWord {
                    return leftWord.byteSwapped < rightWord.byteSwapped ? -1 : 1
                }
                index &+= 8
            }
            while index < common {
                let leftByte = leftBytes.load(fromByteOffset: index, as: UInt8.self)
                let rightByte = rightBytes.load(fromByteOffset: index, as: UInt8.self)
                if leftByte != rightByte { return leftByte < rightByte ? -1 : 1 }
                index &+= 1
            }
        }
        return left.count - right.count
    }

    /// Whether the bytes are the same.
    @inlinable
    package static func isEqual(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Bool {
        left.count == right.count && order(left, right) == 0
    }

    /// Whether a value is the constant.
    package static func isEqual(_ left: UnsafeRawBufferPointer, _ right: [UInt8]) -> Bool {
        right.withUnsafeBytes { isEqual(left, $0) }
    }

    /// The order of a value and a constant.
    package static func order(_ left: UnsafeRawBufferPointer, _ right: [UInt8]) -> Int {
        right.withUnsafeBytes { order(left, $0) }
    }

    /// The first eight bytes as a number that orders like the string, as far as it goes.
    @inlinable
    package static func prefixKey(_ value: UnsafeRawBufferPointer) -> UInt64 {
        guard let bytes = value.baseAddress else { return 0 }
        if value.count >= 8 {
            return bytes.loadUnaligned(as: UInt64.self).byteSwapped
        }
        var key: UInt64 = 0
        for index in 0..<value.count {
            key |=
                UInt64(bytes.load(fromByteOffset: index, as: UInt8.self))
                &<< UInt64(56 &- 8 &* index)
        }
        return key
    }
}

/// The strings of a batch, wherever they are: in a dictionary, in the batch itself, or written out.
@usableFromInline
package struct StringRows {
    @usableFromInline let codes: UnsafePointer<UInt32>?
    @usableFromInline let offsets: UnsafePointer<UInt32>
    @usableFromInline let bytes: UnsafeRawPointer

    /// The strings of a vector; codes are widened into `buffer`, numbered strings written into
    /// `text`. Nil for other vectors.
    package init?(
        _ vector: Vector, codeBuffer buffer: UnsafeMutablePointer<UInt32>, text: NumberedText
    ) {
        switch vector.content {
        case .codes(let source, let dictionary):
            guard dictionary.count > 0 else {
                // Every row is null; the codes lead nowhere and are never followed.
                buffer.update(repeating: 0, count: vector.rowCount)
                self.init(codes: buffer, offsets: Self.none, bytes: dictionary.bytes)
                return
            }
            self.init(
                codes: IntegerLanes.codes(source, rowCount: vector.rowCount, into: buffer),
                offsets: dictionary.offsets, bytes: dictionary.bytes)
        case .strings(let offsets, let bytes):
            self.init(codes: nil, offsets: offsets, bytes: bytes)
        case .numbered(let numbers, let template):
            let written = text.write(numbers, template, rowCount: vector.rowCount)
            self.init(codes: nil, offsets: written.offsets, bytes: written.bytes)
        default: return nil
        }
    }

    private init(
        codes: UnsafePointer<UInt32>?, offsets: UnsafePointer<UInt32>, bytes: UnsafeRawPointer
    ) {
        self.codes = codes
        self.offsets = offsets
        self.bytes = bytes
    }

    // SAFETY: allocated once, never written again, never freed.
    nonisolated(unsafe) private static let none: UnsafePointer<UInt32> = {
        let zeros = UnsafeMutablePointer<UInt32>.allocate(capacity: 2)
        zeros.initialize(repeating: 0, count: 2)
        return UnsafePointer(zeros)
    }()

    /// The bytes of one row's string; valid as long as the vector.
    @inlinable
    package subscript(row: Int) -> UnsafeRawBufferPointer {
        let index = codes.map { Int($0[row]) } ?? row
        let start = Int(offsets[index])
        return UnsafeRawBufferPointer(
            start: bytes + start, count: Int(offsets[index &+ 1]) &- start)
    }
}
