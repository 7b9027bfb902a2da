internal import Foundation
internal import StoaEngine
internal import StoaServer

/// What `system.metrics` shows of the process and its connections.
enum ProcessMetrics {
    static func all(_ counters: ServerCounters) -> [Metric] {
        [
            Metric("connections", counters.openCount, "Connections that are open."),
            Metric("connections_accepted", counters.acceptedCount, "Connections since the start."),
            Metric(
                "connections_refused", counters.refusedCount,
                "Connections beyond max-connections."),
            Metric(
                "handshakes_failed", counters.failedHandshakeCount,
                "Connections that said no proper hello in time."),
            Metric(
                "requests", counters.requestCount,
                "Statements, batches and loads that clients have sent."),
            Metric("received_bytes", counters.receivedByteCount, "Bytes from clients."),
            Metric("sent_bytes", counters.sentByteCount, "Bytes to clients."),
        ] + memory
    }

    /// Bytes of the process's memory, as the system counts them.
    private static var memory: [Metric] {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
            return []
        }
        func byteCount(_ name: String) -> Int? {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first
                .flatMap { Int($0) }.map { $0 * 1_024 }
        }
        return [
            ("process_memory_bytes", "VmRSS", "Memory of the whole process now."),
            ("process_memory_peak_bytes", "VmHWM", "Most memory of the process."),
        ].compactMap { name, key, summary in
            byteCount(key).map { Metric(name, $0, summary) }
        }
    }
}
