internal import Glibc

/// What the system lets this process have.
package enum HostLimits {
    /// Bytes of address space (`ulimit -v`); nil without a limit.
    package static var addressSpaceByteCount: Int? {
        soft(of: __rlimit_resource_t(RLIMIT_AS.rawValue))
    }

    /// Bytes of memory of its own (`ulimit -d`); nil without a limit.
    package static var dataByteCount: Int? { soft(of: __rlimit_resource_t(RLIMIT_DATA.rawValue)) }

    /// Raises the number of files that may be open to the most that is allowed.
    ///
    /// - Returns: That number.
    package static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1_024
        }
        if limit.rlim_cur < limit.rlim_max {
            let before = limit.rlim_cur
            limit.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
                limit.rlim_cur = before
            }
        }
        return Int(clamping: limit.rlim_cur)
    }

    private static func soft(of resource: __rlimit_resource_t) -> Int? {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < UInt64(1) << 60 else { return nil }
        return Int(limit.rlim_cur)
    }
}
