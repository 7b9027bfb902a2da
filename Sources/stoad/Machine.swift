internal import Foundation
internal import StoaBase

/// What the machine, or the control group the daemon runs in, has to give.
enum Machine {
    /// Processors that may be used at once, at least 1: those of the machine or of the process's
    /// mask, or what the control group's share of time comes to, rounded up.
    static var processorCount: Int {
        let available = max(1, ProcessInfo.processInfo.activeProcessorCount)
        return min(available, ControlGroup.current.processorLimit ?? available)
    }

    /// Bytes of memory that this process can have: the least of the machine's memory, the limits
    /// of the control groups above it, and its own (`ulimit -v` and `ulimit -d`).
    static var memoryByteCount: Int {
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        let limits = [
            ControlGroup.current.memoryLimit, HostLimits.addressSpaceByteCount,
            HostLimits.dataByteCount,
        ]
        return limits.compactMap { $0 }.reduce(physical, min)
    }
}

/// The control group of a process: version 2, or version 1 where that is all there is.
struct ControlGroup {
    /// Where control groups are mounted.
    private let root: String
    /// The text of /proc/self/cgroup.
    private let membership: String

    init(root: String, membership: String) {
        self.root = root
        self.membership = membership
    }

    static var current: ControlGroup {
        ControlGroup(root: "/sys/fs/cgroup", membership: read("/proc/self/cgroup"))
    }

    /// Bytes; nil without a limit.
    var memoryLimit: Int? {
        least("memory.max", of: "") { Int($0) }
            // Version 1 says "no limit" with a number close to the greatest.
            ?? least("memory.limit_in_bytes", of: "memory") {
                Int($0).flatMap { $0 < 1 << 60 ? $0 : nil }
            }
    }

    /// Processors, rounded up; nil without a limit.
    var processorLimit: Int? {
        if let limit = least("cpu.max", of: "", Self.quota) { return limit }
        guard let path = path(of: "cpu") else { return nil }
        var limit: Int?
        for folder in folders(root + "/cpu", path) {
            let quota = Self.read(folder + "cpu.cfs_quota_us")
            let period = Self.read(folder + "cpu.cfs_period_us")
            guard let found = Self.quota("\(quota) \(period)") else { continue }
            limit = min(limit ?? found, found)
        }
        return limit
    }

    /// Processors of "quota period", both in microseconds of time.
    private static func quota(_ text: String) -> Int? {
        let parts = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard parts.count == 2, parts[0] > 0, parts[1] > 0 else { return nil }
        return max(1, Int((Double(parts[0]) / Double(parts[1])).rounded(.up)))
    }

    /// The least value of a file in the process's group and every group above it.
    private func least(
        _ name: String, of controller: String, _ parse: (String) -> Int?
    ) -> Int? {
        guard let path = path(of: controller) else { return nil }
        let start = controller.isEmpty ? root : "\(root)/\(controller)"
        return folders(start, path).compactMap { folder in
            parse(
                Self.read(folder + name).trimmingCharacters(in: .whitespacesAndNewlines))
        }.min()
    }

    /// The group of a controller of version 1; an empty name is version 2's one tree.
    private func path(of controller: String) -> String? {
        for line in membership.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let names = parts[1].split(separator: ",")
            if controller.isEmpty ? parts[1].isEmpty : names.contains(Substring(controller)) {
                return String(parts[2])
            }
        }
        // Inside a container the one group that is seen is the root.
        return controller.isEmpty ? nil : "/"
    }

    /// The folder of a group and of every group above it, each with a slash behind it.
    private func folders(_ start: String, _ path: String) -> [String] {
        var folders = [start + "/"]
        var folder = start
        for part in path.split(separator: "/") where part != ".." {
            folder += "/\(part)"
            folders.append(folder + "/")
        }
        return folders
    }

    private static func read(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
