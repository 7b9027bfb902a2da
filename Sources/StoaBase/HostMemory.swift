internal import CStoa
internal import Glibc

/// The memory of this process, as the system and its allocator see it.
package enum HostMemory {
    /// Keeps free memory together: few arenas, whatever the number of threads. Called before
    /// threads start.
    package static func prepare(threadCount: Int) {
        stoa_prepare_malloc(Int32(clamping: max(2, min(8, threadCount))))
    }

    /// Gives free memory of the allocator back to the system; takes about a millisecond for each
    /// ten MiB that it gives.
    package static func giveBack() { _ = stoa_trim_malloc() }

    /// Bytes in memory that are this process's own, without mapped files.
    package static var ownByteCount: Int {
        // "size resident shared …", in pages.
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 128)
        let byteCount = read(descriptor, &text, text.count)
        guard byteCount > 0 else { return 0 }
        let numbers = String(decoding: text[..<byteCount], as: UTF8.self)
            .split(separator: " ").compactMap { Int($0) }
        guard numbers.count >= 3 else { return 0 }
        return (numbers[1] - numbers[2]) * sysconf(Int32(_SC_PAGESIZE))
    }
}
