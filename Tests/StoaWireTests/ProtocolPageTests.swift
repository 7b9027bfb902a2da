import Foundation
import StoaModel
import StoaWire
import Testing

/// The normative page against the code, so that neither forgets the other.
@Suite struct ProtocolPageTests {
    static func page() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: root.appending(path: "Sources/StoaWire/StoaWire.docc/Protocol.md"),
            encoding: .utf8)
    }

    /// `bulkOpen` as the page spells it: `BULK_OPEN`.
    static func name(_ value: some Any) -> String {
        String(describing: value).reduce(into: "") { name, letter in
            if letter.isUppercase { name.append("_") }
            name.append(letter.uppercased())
        }
    }

    @Test("the page lists every error code with its number")
    func errorCodes() throws {
        let page = try Self.page()
        for code in ErrorCode.allCases {
            #expect(page.contains("| \(code.rawValue) | \(code.name) |"), "\(code)")
        }
    }

    @Test("the page lists every kind with its number, and every option with its tag")
    func kinds() throws {
        let page = try Self.page()
        for kind in FrameKind.allCases {
            #expect(page.contains("| \(kind.rawValue) | \(Self.name(kind)) | "), "\(kind)")
        }
        for tag in OptionTag.allCases {
            #expect(page.contains("| \(tag.rawValue) | \(Self.name(tag)) | "), "\(tag)")
        }
    }

    @Test("the page gives every fixed part its size")
    func fixedParts() throws {
        let page = try Self.page()
        let messages: [any WireMessage.Type] = [
            Hello.self, Welcome.self, Ping.self, Pong.self, Goodbye.self, ErrorMessage.self,
            Cancel.self, Credit.self, Progress.self, Throttle.self, QueryRequest.self,
            ResultBatch.self, ResultEnd.self, AggregateRequest.self, IngestRequest.self,
            IngestAck.self, BulkOpen.self, BulkOpened.self, BulkBatch.self, BulkAccepted.self,
            BulkCommit.self, BulkCommitted.self, BulkAbort.self, BulkAborted.self,
        ]
        #expect(messages.count == FrameKind.allCases.count)
        for message in messages {
            let start = "| \(message.kind.rawValue) | \(Self.name(message.kind)) | "
            let line = page.split(separator: "\n").first { $0.hasPrefix(start) }
            #expect(
                line?.contains("| \(message.fixedByteCount) |") == true, "\(message.kind)")
        }
    }
}
