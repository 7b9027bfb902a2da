internal import StoaCompute
internal import StoaModel

/// A string that a column of stored rows keeps.
struct StoredString: BitwiseCopyable {
    var address: UInt
    var byteCount: Int

    var bytes: UnsafeRawBufferPointer {
        // SAFETY: the address was taken from the column's memory, which keeps the bytes.
        UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount)
    }
}

/// One key of an order with where its cells are: plain addresses, so that comparisons cost no look
/// into objects. Good until rows are added.
struct KeyCells: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable { case integer, unsigned, float, wide, string }

    let kind: Kind
    let isDescending: Bool
    let isNullsFirst: Bool
    let valid: UnsafePointer<UInt8>
    let cells: UnsafeRawPointer

    /// Whether a row stands before one of other rows by the first key that tells them apart; nil
    /// when none does.
    @inline(__always)
    static func precedes(
        _ keys: UnsafeBufferPointer<KeyCells>, _ left: Int,
        _ others: UnsafeBufferPointer<KeyCells>, _ right: Int
    ) -> Bool? {
        for index in 0..<keys.count {
            let (key, other) = (keys[index], others[index])
            let (isNull, isOtherNull) = (key.valid[left] == 0, other.valid[right] == 0)
            if isNull || isOtherNull {
                if isNull && isOtherNull { continue }
                return isNull == key.isNullsFirst
            }
            let order = key.order(left, other, right)
            if order != 0 { return key.isDescending ? order > 0 : order < 0 }
        }
        return nil
    }

    /// The order of two values that are not NULL.
    @inline(__always)
    private func order(_ left: Int, _ other: KeyCells, _ right: Int) -> Int {
        switch kind {
        case .integer: compare(number(left), other.number(right))
        case .unsigned: compare(number(left) ^ .min, other.number(right) ^ .min)
        case .float:
            compare(OrderKey.key(float(left)), OrderKey.key(other.float(right)))
        case .wide:
            compare(
                cells.load(fromByteOffset: left &* 16, as: Int128.self),
                other.cells.load(fromByteOffset: right &* 16, as: Int128.self))
        case .string: StringOrder.order(string(left).bytes, other.string(right).bytes)
        }
    }

    @inline(__always)
    private func compare<Number: Comparable>(_ left: Number, _ right: Number) -> Int {
        left < right ? -1 : left == right ? 0 : 1
    }

    @inline(__always)
    private func number(_ row: Int) -> Int64 {
        cells.load(fromByteOffset: row &* 8, as: Int64.self)
    }

    @inline(__always)
    private func float(_ row: Int) -> Double {
        Double(bitPattern: UInt64(bitPattern: number(row)))
    }

    @inline(__always)
    private func string(_ row: Int) -> StoredString {
        cells.load(
            fromByteOffset: row &* MemoryLayout<StoredString>.stride, as: StoredString.self)
    }
}
