internal import StoaBase
internal import StoaModel
internal import StoaStorage
internal import StoaTestKit

/// A segment file of any bytes, read as `stoa inspect` reads one: header, footer, dictionaries
/// and blocks. The checksums of header, footer and trailer are set right where the trailer says
/// where they are; those of the blocks stay as they came.
enum SegmentFuzz {
    private static let path = "seg/1"
    private static let headerByteCount = 64
    private static let trailerByteCount = 64

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count >= headerByteCount + trailerByteCount else { return }
        var image = DiskImage()
        image.directories.insert("seg")
        image.setContents(path, repaired(input))
        _ = try? SegmentReport.read(path, disk: SimulatedDisk(image))
    }

    private static func repaired(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        let file = ExactBytes(input)
        let start = input.count - trailerByteCount
        file.copy("STOASEG\0", to: 0)
        file.store(Checksum.crc32c(file.view[0..<60]), at: 60)
        let offset = Int(file.view.integer(at: start, as: UInt32.self))
        if offset >= headerByteCount, offset <= start, offset % 64 == 0 {
            file.store(UInt32(0), at: start + 4)
            file.store(UInt32(start - offset), at: start + 8)
            file.store(UInt32(0), at: start + 12)
            file.store(Checksum.crc32c(file.view[offset..<start]), at: start + 16)
        }
        file.store(UInt32(input.count), at: start + 24)
        file.store(UInt32(0), at: start + 28)
        file.store(Checksum.crc32c(file.view[start..<start + 52]), at: start + 52)
        file.copy("STOASEG\0", to: start + 56)
        return file.view.withUnsafeBytes { [UInt8]($0) }
    }
}

extension ExactBytes {
    fileprivate func copy(_ text: String, to offset: Int) {
        Array(text.utf8).withUnsafeBytes { copy($0, to: offset) }
    }
}
