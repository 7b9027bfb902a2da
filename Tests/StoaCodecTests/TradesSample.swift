import Glibc
import StoaBase

/// Columns of trades as an exchange's feed has them: skewed tickers and customers, sizes in lots,
/// prices in cents, and a signal that is noise or missing.
struct TradesSample {
    private(set) var columns: [(name: String, values: [Int64])] = []
    private(set) var signal: [Double] = []
    /// A word per 64 rows, 1 where the signal is there.
    private(set) var signalValidity: [UInt64] = []

    init(rowCount: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func unit() -> Double { (Double(random.next() >> 11) + 0.5) * 0x1p-53 }
        func geometric(_ chance: Double) -> Int64 { Int64(log(unit()) / log(1 - chance)) + 1 }
        let weights = (1...500).map { 1 / pow(Double($0), 0.9) }
        let total = weights.reduce(0, +)
        var reach = 0.0
        let bounds = weights.map { weight in
            reach += weight / total
            return reach
        }
        let bases = (0..<500).map { _ in 5 + 1_995 * unit() }
        var time: Int64 = 1_735_689_600_000
        var rows = [[Int64]](repeating: [], count: 7)
        signalValidity = [UInt64](repeating: 0, count: (rowCount + 63) / 64)
        for row in 0..<rowCount {
            time += geometric(1 / 9)
            let draw = unit()
            let ticker = bounds.firstIndex { draw < $0 } ?? 499
            let price = (bases[ticker] * exp(0.002 * normal(unit)) * 100).rounded()
            let quantity = min(geometric(0.01) * 10, 20_000)
            rows[0].append(time * 1_000)
            rows[1].append(Int64(row + 40_000) * 7_919 % 1_000_000_000)
            rows[2].append(Int64((pow(unit(), -1 / 1.2) - 1) * 3_000) % 50_000)
            rows[3].append(Int64(ticker))
            rows[4].append(quantity)
            rows[5].append(Int64(price) * 100)
            rows[6].append(Int64((price * Double(quantity) * 0.05).rounded()))
            signal.append(normal(unit))
            if unit() >= 0.3 { signalValidity[row / 64] |= 1 << UInt64(row % 64) }
        }
        let names = ["ts", "order", "customer_id", "ticker", "quantity", "price", "fees"]
        columns = zip(names, rows).map { ($0, $1) }
    }

    /// A draw from the standard normal distribution.
    private func normal(_ unit: () -> Double) -> Double {
        (-2 * log(unit())).squareRoot() * cos(2 * Double.pi * unit())
    }
}
