import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit

/// Opens damaged copies of a database and judges what comes of it.
struct Sweep: Sendable {
    struct Outcome: Sendable {
        var caseCount = 0
        /// Copies that could not be opened, or not read.
        var refusedCount = 0
        var failures: [String] = []

        static func + (left: Outcome, right: Outcome) -> Outcome {
            Outcome(
                caseCount: left.caseCount + right.caseCount,
                refusedCount: left.refusedCount + right.refusedCount,
                failures: left.failures + right.failures)
        }
    }

    private let image: DiskImage
    private let expected: Answer

    init(_ image: DiskImage) throws {
        self.image = image
        expected = try Self.answer(of: image).get()
    }

    /// Everything that the database of `image` holds, or why it cannot be told.
    static func answer(of image: DiskImage) -> Result<Answer, StorageError> {
        do throws(StorageError) {
            let store = try Store.open(on: SimulatedDisk(image), options: SmallDatabase.options)
            defer { store.close() }
            return .success(try Answer(store.snapshot()))
        } catch {
            return .failure(error)
        }
    }

    /// Damages every byte whose offset has this remainder by two.
    func run(_ paths: [String], _ damage: Damage, remainder: Int) -> Outcome {
        var outcome = Outcome()
        for path in paths {
            guard let bytes = image.contents(path) else { continue }
            for offset in stride(from: remainder, to: bytes.count, by: 2) {
                let changed = damage.apply(bytes[offset], at: offset)
                guard changed != bytes[offset] else { continue }
                var copy = image
                var damaged = bytes
                damaged[offset] = changed
                copy.setContents(path, damaged)
                outcome.caseCount += 1
                judge(copy, "\(path) byte \(offset)", namingOffset: true, &outcome)
            }
        }
        return outcome
    }

    /// Cuts every file at every 64th byte, and takes it away.
    func runTruncations() -> [String] {
        var outcome = Outcome()
        for path in image.names.keys.sorted() {
            guard let bytes = image.contents(path) else { continue }
            for byteCount in stride(from: 0, to: bytes.count, by: 64) {
                var copy = image
                copy.setContents(path, Array(bytes[..<byteCount]))
                judge(copy, "\(path) cut to \(byteCount)", namingOffset: false, &outcome)
            }
            var copy = image
            copy.names[path] = nil
            judge(copy, "\(path) removed", namingOffset: false, &outcome)
        }
        return outcome.failures
    }

    private func judge(
        _ copy: DiskImage, _ place: String, namingOffset: Bool, _ outcome: inout Outcome
    ) {
        switch Self.answer(of: copy) {
        case .success(let answer):
            if answer != expected { outcome.failures.append("\(place): another answer") }
        case .failure(let error):
            outcome.refusedCount += 1
            let message = error.serviceError.message
            let namesFile = image.names.keys.contains { message.contains($0) }
            let namesOffset = message.contains { $0.isNumber }
            if !namesFile || (namingOffset && !namesOffset) {
                outcome.failures.append("\(place): the error names no place: \(message)")
            }
        }
    }
}
