internal import Foundation
internal import StoaText

/// The rejected records of an import as CSV: file, line, reason, text. The file is made with the
/// first of them.
final class RejectFile {
    let path: String
    private(set) var count = 0
    /// Records that are no rows and no rejects either: comments and headers that come again, and
    /// what stands below a table.
    private(set) var passedCount = 0
    /// Whether a record was rejected because its bytes are no UTF-8.
    private(set) var hasForeignBytes = false
    private var descriptor: Int32 = -1

    init(path: String) { self.path = path }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Forgets what was written, for an import that begins again.
    func restart() {
        hasForeignBytes = false
        passedCount = 0
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlink(path)
        count = 0
    }

    /// Counts records that were passed over.
    func pass(_ count: Int) { passedCount += count }

    /// Appends records, whose lines count from the file's start.
    ///
    /// - Throws: `Failure` when the file cannot be written.
    func append(_ records: [RejectedRecord], of file: String) throws {
        guard !records.isEmpty else { return }
        var bytes: [UInt8] = []
        if descriptor < 0 {
            descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw refusal() }
            bytes.append(contentsOf: "file,line,reason,text\n".utf8)
        }
        for record in records {
            bytes.append(contentsOf: quoted(file.utf8))
            bytes.append(contentsOf: ",\(record.line),".utf8)
            bytes.append(contentsOf: quoted(record.reason.utf8))
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: quoted(record.text))
            bytes.append(UInt8(ascii: "\n"))
            if record.reason.hasSuffix("not UTF-8") { hasForeignBytes = true }
        }
        try write(bytes)
        count += records.count
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw refusal()
            }
            rest = rest.dropFirst(written)
        }
    }

    private func quoted(_ text: some Sequence<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        return bytes + [UInt8(ascii: "\"")]
    }

    private func refusal() -> Failure {
        Failure.local(
            "\(path): \(String(cString: strerror(errno)))",
            hint: "Rejected rows are written there; choose another place with --rejects.")
    }
}
