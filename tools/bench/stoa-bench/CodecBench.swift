internal import Foundation
internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// Encodes one block and reads it back, as a segment's writer and a scan do.
struct CodecBench {
    var sample: CodecSample
    var runCount: Int

    /// Encoding and decoding, nanoseconds per value, with the bits that a value takes.
    func lines() -> [MicroLine] {
        switch sample.values {
        case .integers(let values):
            values.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { lines(.integers($0, isUnsigned: false)) } ?? []
            }
        case .floats(let values):
            values.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { lines(.float64($0)) } ?? []
            }
        case .strings(let values): lines(strings: values)
        }
    }

    private func lines(strings: [String]) -> [MicroLine] {
        var offsets: [UInt32] = [0]
        var bytes: [UInt8] = []
        for string in strings {
            bytes += Array(string.utf8)
            offsets.append(UInt32(bytes.count))
        }
        return bytes.withUnsafeBytes { text in
            offsets.withUnsafeBufferPointer { buffer in
                guard let offsets = buffer.baseAddress, let bytes = text.baseAddress else {
                    return []
                }
                return lines(.strings(offsets: offsets, bytes: bytes))
            }
        }
    }

    private func lines(_ input: BlockInput) -> [MicroLine] {
        let rowCount = CodecSample.rowCount
        var block = BlockEncoder.encode(input, rowCount: rowCount, validity: nil)
        let encoding = MicroLine.least(runCount: max(3, runCount / 3), per: rowCount) {
            block = BlockEncoder.encode(input, rowCount: rowCount, validity: nil)
        }
        let bits = Double(block.bytes.count - 64) * 8 / Double(rowCount)
        let note = "\(String(format: "%.2f", bits)) bits, \(block.description)"
        let name = "codec/\(sample.name)"
        guard
            let reader = try? BlockReader(
                Bytes(block.bytes), kind: input.kind, rowCount: rowCount, dictionary: nil)
        else { return [] }
        let scratch = VectorScratch()
        let decoding = MicroLine.least(runCount: runCount, per: rowCount) {
            for first in stride(from: 0, to: rowCount, by: Limits.batchRows) {
                _ = reader.read(firstRow: first, rowCount: Limits.batchRows, into: scratch)
            }
        }
        return [
            MicroLine(name: "\(name)/encode", nanoseconds: encoding, note: note),
            MicroLine(name: "\(name)/decode", nanoseconds: decoding, note: note),
        ]
    }
}
