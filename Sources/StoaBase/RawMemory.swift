internal import CStoa
internal import Glibc

/// Memory whose size somebody else decides: where there is none the answer is nil or false. Swift's
/// own allocation ends the process instead.
///
/// Large memory is a mapping of its own: it grows without being copied, and goes back to the
/// system at once.
package struct RawMemory: @unchecked Sendable {
    // SAFETY: an address and a size; who reads and who writes is agreed by the users.
    /// A multiple of 64. The bytes are not cleared.
    package private(set) var address: UnsafeMutableRawPointer
    package private(set) var byteCount: Int
    /// Bytes from which on memory is a mapping.
    private static let mappedByteCount = 1 << 20

    /// `byteCount` bytes; nil when the system has none. Given back with `free`.
    package init?(byteCount: Int) {
        guard let address = Self.allocate(byteCount) else { return nil }
        self.address = address
        self.byteCount = byteCount
    }

    /// Whether growing needs both sizes at once for a moment.
    package var mustCopyToGrow: Bool { byteCount < Self.mappedByteCount }

    /// Makes it larger, with what it holds; false when the system has no memory: nothing has
    /// changed then.
    package mutating func grow(to target: Int) -> Bool {
        invariant(target >= byteCount, "growing makes memory larger")
        if mustCopyToGrow {
            guard let larger = Self.allocate(target) else { return false }
            larger.copyMemory(from: address, byteCount: byteCount)
            free()
            address = larger
        } else {
            guard let larger = stoa_remap(address, byteCount, target) else { return false }
            address = larger
        }
        byteCount = target
        return true
    }

    /// Gives the memory back to the system.
    package func free() {
        if byteCount < Self.mappedByteCount {
            Glibc.free(address)
        } else {
            munmap(address, byteCount)
        }
    }

    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount < mappedByteCount else {
            let address = mmap(
                nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            return address == MAP_FAILED ? nil : address
        }
        var address: UnsafeMutableRawPointer?
        guard posix_memalign(&address, 64, byteCount) == 0 else { return nil }
        return address
    }
}
