internal import StoaBase

/// Up to 255 symbols of one to eight bytes, and the way to find the longest one that a text
/// begins with. Boncz, Neumann, Leis: *FSST: Fast Random Access String Compression* (PVLDB 13(11),
/// 2020).
struct SymbolTable {
    /// The code that a byte without a symbol follows.
    static let escape: UInt8 = 255
    static let symbolCountLimit = 255
    static let symbolByteCountLimit = 8

    struct Symbol: Hashable {
        /// The bytes, the first one lowest; 0 behind the last.
        var word: UInt64
        var byteCount: Int

        /// Both, one behind the other, as far as eight bytes go.
        func joined(_ next: Symbol) -> Symbol {
            let count = min(byteCount + next.byteCount, symbolByteCountLimit)
            guard byteCount < symbolByteCountLimit else { return self }
            let word = word | next.word &<< UInt64(8 * byteCount)
            return Symbol(word: word & .mask(width: 8 * count), byteCount: count)
        }
    }

    private static let slotCount = 2_048
    private static let none = UInt16.max

    private(set) var symbols: [Symbol] = []
    /// Codes by the hash of the first three bytes, one each; for symbols of at least three.
    private var slots = [UInt16](repeating: none, count: slotCount)
    /// Codes of symbols of two bytes, and of one.
    private var pairs = [UInt16](repeating: none, count: 1 << 16)
    private var singles = [UInt16](repeating: none, count: 256)

    @inline(__always)
    private static func slot(_ word: UInt64) -> Int {
        let mixed = (word & 0xFF_FFFF) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> 53)
    }

    /// Adds a symbol; false when another one stands in its place, or the table is full.
    mutating func add(_ symbol: Symbol) -> Bool {
        guard symbols.count < Self.symbolCountLimit else { return false }
        let code = UInt16(symbols.count)
        switch symbol.byteCount {
        case 1:
            guard singles[Int(symbol.word)] == Self.none else { return false }
            singles[Int(symbol.word)] = code
        case 2:
            guard pairs[Int(symbol.word)] == Self.none else { return false }
            pairs[Int(symbol.word)] = code
        default:
            let slot = Self.slot(symbol.word)
            guard slots[slot] == Self.none else { return false }
            slots[slot] = code
        }
        symbols.append(symbol)
        return true
    }

    /// What finding takes, at fixed addresses.
    struct Finder {
        let symbols: UnsafePointer<Symbol>
        let slots: UnsafePointer<UInt16>
        let pairs: UnsafePointer<UInt16>
        let singles: UnsafePointer<UInt16>

        /// The code of the longest symbol at the beginning of `word`, of which `byteCount` ≥ 1
        /// bytes are text; nil: none.
        @inline(__always)
        func longest(_ word: UInt64, byteCount: Int) -> (code: Int, byteCount: Int)? {
            if byteCount >= 3 {
                let code = slots[SymbolTable.slot(word)]
                if code != SymbolTable.none {
                    let symbol = symbols[Int(code)]
                    let isSame = (word ^ symbol.word) & .mask(width: 8 &* symbol.byteCount) == 0
                    if isSame, symbol.byteCount <= byteCount {
                        return (Int(code), symbol.byteCount)
                    }
                }
            }
            if byteCount >= 2 {
                let code = pairs[Int(truncatingIfNeeded: word & 0xFFFF)]
                if code != SymbolTable.none { return (Int(code), 2) }
            }
            let code = singles[Int(truncatingIfNeeded: word & 0xFF)]
            return code == SymbolTable.none ? nil : (Int(code), 1)
        }
    }

    func withFinder<Result>(_ body: (Finder) -> Result) -> Result? {
        symbols.withUnsafeBufferPointer { symbols in
            slots.withUnsafeBufferPointer { slots in
                pairs.withUnsafeBufferPointer { pairs in
                    singles.withUnsafeBufferPointer { singles in
                        guard let slots = slots.baseAddress, let pairs = pairs.baseAddress,
                            let singles = singles.baseAddress
                        else { return nil }
                        let symbols = symbols.baseAddress ?? Self.noSymbols
                        return body(
                            Finder(symbols: symbols, slots: slots, pairs: pairs, singles: singles))
                    }
                }
            }
        }
    }

    // SAFETY: allocated once, never written again, never freed.
    nonisolated(unsafe) private static let noSymbols: UnsafePointer<Symbol> = {
        let one = UnsafeMutablePointer<Symbol>.allocate(capacity: 1)
        one.initialize(to: Symbol(word: 0, byteCount: 1))
        return UnsafePointer(one)
    }()

    /// Up to eight bytes of text from `start` on; what lies behind `end` is 0.
    @inline(__always)
    static func word(_ bytes: UnsafeRawPointer, _ start: Int, end: Int) -> UInt64 {
        if end &- start >= 8 {
            return UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
        var word: UInt64 = 0
        var shift: UInt64 = 0
        for index in start..<end {
            word |= UInt64(bytes.load(fromByteOffset: index, as: UInt8.self)) &<< shift
            shift &+= 8
        }
        return word
    }
}
