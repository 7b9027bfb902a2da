/// A block of made-up data as columns have it; the same in every run.
struct CodecSample {
    static let rowCount = 65_536

    enum Values {
        case integers([Int64])
        case floats([Double])
        case strings([String])
    }

    var name: String
    var values: Values

    static let all: [CodecSample] = [
        integers("constant") { _, _ in 77 },
        integers("sequence") { row, _ in Int64(row) * 7_919 },
        integers("customers") { _, word in Int64(word % 50_000) },
        integers("prices") { _, word in 1_051_420_000 + Int64(word % 40_000) * 100 },
        integers("outliers") { _, word in
            word % 500 == 0 ? Int64(word >> 20) : Int64(word >> 32 & 1_023)
        },
        integers("times") { row, word in
            1_735_689_600_000_000 + Int64(row) * 9_000 + Int64(word % 9) * 1_000
        },
        integers("runs") { row, _ in Int64(row / 300 % 17) },
        integers("sparse") { _, word in word % 100 == 0 ? Int64(word >> 40) : 0 },
        integers("levels") { _, word in [3, 1_000_003, -9_000_000_000, 55][Int(word >> 60) % 4] },
        integers("noise") { _, word in Int64(bitPattern: word) },
        floats("decimals") { word in Double(word % 200_000) / 100 },
        floats("signals") { word in Double(word >> 12) * 0x1p-52 - 0.5 },
        strings("orders") { row, _ in
            let digits = String(row * 7_919 % 1_000_000_000)
            return "ORD-" + String(repeating: "0", count: 9 - digits.count) + digits
        },
        strings("links") { row, word in
            "https://example.org/\(["shop", "img", "blog"][row % 3])/\(word % 5_000).html"
        },
        strings("texts") { _, word in String(word, radix: 36) },
    ]

    private static func integers(_ name: String, _ make: (Int, UInt64) -> Int64) -> CodecSample {
        CodecSample(name: name, values: .integers(rows(make)))
    }

    private static func floats(_ name: String, _ make: (UInt64) -> Double) -> CodecSample {
        CodecSample(name: name, values: .floats(rows { make($1) }))
    }

    private static func strings(_ name: String, _ make: (Int, UInt64) -> String) -> CodecSample {
        CodecSample(name: name, values: .strings(rows(make)))
    }

    /// A value per row, from the row and a random word (SplitMix64 of the row).
    private static func rows<Value>(_ make: (Int, UInt64) -> Value) -> [Value] {
        (0..<rowCount).map { row in
            var word = UInt64(row + 1) &* 0x9E37_79B9_7F4A_7C15
            word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return make(row, word ^ word >> 31)
        }
    }
}
