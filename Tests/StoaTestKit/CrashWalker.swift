package import StoaBase

/// Follows the steps of a disk and makes the images that a power cut could leave at this point.
///
/// A change stays pending until its file or directory is synced. A cut keeps any set of the
/// pending changes, in order, and a kept write may be torn at 512 bytes. After a failed sync of a
/// file its pages may be clean and yet not on the disk: no later sync makes them durable.
package struct CrashWalker {
    /// What is certainly there.
    package private(set) var durable: DiskImage
    /// What may or may not be there, in order.
    package private(set) var pending: [DiskChange] = []
    /// Pending changes whose sync failed once: no later sync makes them durable.
    private var isDoubtful: [Bool] = []

    static let sectorByteCount = 512

    package init(_ image: DiskImage) { durable = image }

    /// Goes one step on.
    package mutating func apply(_ step: DiskStep) {
        switch step {
        case .change(let change):
            pending.append(change)
            isDoubtful.append(false)
        case .syncFile(let file): settle { $0.file == file }
        case .syncDirectory(let directory): settle { $0.directory == directory }
        case .failedSyncFile(let file):
            for index in pending.indices where pending[index].file == file {
                isDoubtful[index] = true
            }
        case .failedSyncDirectory:
            // Names are in the file system's journal: it keeps them for the next sync, or fails
            // for good.
            return
        }
    }

    private mutating func settle(_ isCovered: (DiskChange) -> Bool) {
        var keptPending: [DiskChange] = []
        var keptDoubt: [Bool] = []
        for (index, change) in pending.enumerated() {
            if isCovered(change), !isDoubtful[index] {
                durable.apply(change)
            } else {
                keptPending.append(change)
                keptDoubt.append(isDoubtful[index])
            }
        }
        pending = keptPending
        isDoubtful = keptDoubt
    }

    /// The image with the pending changes whose bit in `kept` is set (bit 63 stands for all the
    /// later ones too).
    package func image(keeping kept: UInt64) -> DiskImage {
        var image = durable
        for (index, change) in pending.enumerated() where kept >> UInt64(min(index, 63)) & 1 == 1 {
            image.apply(change)
        }
        return image
    }

    /// The image with a random set of the pending changes, writes torn at sectors.
    package func tornImage(_ random: inout SeededRandom) -> DiskImage {
        var image = durable
        for change in pending {
            let choice = random.next() % 4
            if choice == 0 { continue }
            guard choice > 1, case .write(let file, let offset, let bytes) = change else {
                image.apply(change)
                continue
            }
            tear(offset: offset, byteCount: bytes.count, &random) { range in
                image.apply(
                    .write(
                        file: file, offset: offset + range.lowerBound, bytes: Array(bytes[range])))
            }
        }
        return image
    }

    /// Calls `keep` for a random half of the sectors that a write touches.
    private func tear(
        offset: Int, byteCount: Int, _ random: inout SeededRandom, _ keep: (Range<Int>) -> Void
    ) {
        var start = 0
        while start < byteCount {
            let sectorEnd = ((offset + start) / Self.sectorByteCount + 1) * Self.sectorByteCount
            let end = min(byteCount, sectorEnd - offset)
            if random.next() & 1 == 1 { keep(start..<end) }
            start = end
        }
    }
}
