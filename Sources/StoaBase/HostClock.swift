internal import CStoa
internal import Glibc

/// The machine's clocks.
package enum HostClock {
    /// Nanoseconds of a clock that never goes back; its start is arbitrary.
    package static func monotonicNanoseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    /// Microseconds since 1970-01-01 UTC; may jump.
    package static func wallMicroseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
    }
}

/// This process.
package enum HostProcess {
    /// The number `ps` shows.
    package static var id: Int32 { getpid() }

    /// The words of the command line, the program's name first. Swift's own are read from /proc,
    /// and where that is not mounted they are silently none: a daemon would start with defaults.
    package static var arguments: [String] {
        (0..<stoa_argument_count()).map { String(cString: stoa_argument($0)) }
    }
}
