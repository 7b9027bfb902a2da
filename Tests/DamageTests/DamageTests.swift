import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// How the byte at a place is changed.
enum Damage: String, CaseIterable, CustomTestStringConvertible {
    case bitFlipped, zeroed, filled

    var testDescription: String { rawValue }

    func apply(_ byte: UInt8, at offset: Int) -> UInt8 {
        switch self {
        case .bitFlipped: byte ^ 1 << UInt8(offset * 5 % 8)
        case .zeroed: 0
        case .filled: 0xFF
        }
    }
}

@Suite(.serialized) struct DamageTests {
    @Test("the small database has every kind of file and at most 32 KiB")
    func fixture() async throws {
        let image = try await onThread { try SmallDatabase.make() }
        #expect(image.byteCount <= 32 << 10, "\(image.byteCount) bytes")
        let folders = Set(image.names.keys.map { DiskImage.directory(of: $0) })
        #expect(folders.isSuperset(of: ["", "wal", "seg", "manifest"]))
        let answer = try await onThread { try Sweep.answer(of: image).get() }
        #expect(answer.rowCount == SmallDatabase.rowCount)
    }

    @Test(
        "a changed byte is an error that names its file and place, or changes no answer",
        .timeLimit(.minutes(10)), arguments: Damage.allCases)
    func everyByte(_ damage: Damage) async throws {
        let image = try await onThread { try SmallDatabase.make() }
        let sweep = try await onThread { try Sweep(image) }
        let paths = image.names.keys.sorted()
        async let even = onThread { sweep.run(paths, damage, remainder: 0) }
        async let odd = onThread { sweep.run(paths, damage, remainder: 1) }
        let outcome = try await even + odd
        #expect(damage != .bitFlipped || outcome.caseCount == image.byteCount)
        #expect(outcome.refusedCount > 1_000, "\(outcome.refusedCount) refused")
        let shown = outcome.failures.prefix(10).joined(separator: "\n")
        #expect(outcome.failures.isEmpty, "\(outcome.failures.count) of them:\n\(shown)")
    }

    @Test("a file cut short or gone is an error, or changes no answer")
    func truncation() async throws {
        let image = try await onThread { try SmallDatabase.make() }
        let sweep = try await onThread { try Sweep(image) }
        let failures = try await onThread { sweep.runTruncations() }
        #expect(failures.isEmpty, "\(failures.prefix(10).joined(separator: "\n"))")
    }

    /// Runs blocking work on a thread of its own, so that no test blocks the pool.
    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            _ = Thread(name: "damage") {
                continuation.resume(with: Result { try body() })
            }
        }
    }
}
