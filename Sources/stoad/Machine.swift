internal import Foundation

/// What the machine, or the control group the daemon runs in, has to give.
enum Machine {
    static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// Bytes of memory: the smallest limit of the control groups above this process, or the
    /// machine's memory.
    static var memoryByteCount: Int {
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        return min(physical, controlGroupLimit(root: "/sys/fs/cgroup") ?? physical)
    }

    /// Control groups of version 2: `memory.max` of the group in /proc/self/cgroup and of every
    /// group above it.
    private static func controlGroupLimit(root: String) -> Int? {
        let groups = read("/proc/self/cgroup").split(separator: "\n")
        var path = groups.first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) } ?? "/"
        var limit: Int?
        while true {
            let text = read(root + path + (path.hasSuffix("/") ? "" : "/") + "memory.max")
            if let bytes = Int(text.filter { !$0.isWhitespace }) {
                limit = min(limit ?? bytes, bytes)
            }
            guard path.count > 1, let slash = path.lastIndex(of: "/") else { return limit }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
    }

    private static func read(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
