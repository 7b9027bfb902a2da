internal import StoaBase

/// Turns the bytes of a file into UTF-8: decompresses, then decodes characters. Holds one buffer
/// per stage, whatever the file decompresses to.
package final class InputPipeline {
    private var buffers: [Buffer]
    private let stages: [any ByteStage]

    /// Bytes that wait in front of a stage.
    private struct Buffer {
        let memory: UnsafeMutableRawBufferPointer
        var start = 0
        var end = 0
        /// Nothing follows behind the bytes that wait.
        var isLast = false

        init(byteCount: Int) { memory = .allocate(byteCount: byteCount, alignment: 64) }

        var waiting: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: memory[start..<end])
        }

        var free: UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(rebasing: memory[end...])
        }

        /// Moves what waits to the front, so that there is room behind it.
        mutating func compact() {
            guard start > 0 else { return }
            memory.copyMemory(from: waiting)
            (start, end) = (0, end - start)
        }
    }

    /// - Parameters:
    ///   - compression: nil for a file that is none.
    ///   - encoding: with its byte order.
    ///   - bufferByteCount: bytes that wait in front of each stage; at least 16.
    package init(
        compression: Compression?, encoding: TextEncoding, bufferByteCount: Int = 256 << 10
    ) {
        invariant(bufferByteCount >= 16, "a buffer holds the longest character")
        stages = [compression?.stage(), encoding.stage()].compactMap { $0 }
        buffers = stages.map { _ in Buffer(byteCount: bufferByteCount) }
    }

    deinit { for buffer in buffers { buffer.memory.deallocate() } }

    /// Whether bytes only pass through.
    package var isEmpty: Bool { stages.isEmpty }

    /// Fills `room`, of at least four bytes, but for up to three of them; 0 only at the end.
    ///
    /// - Parameter source: fills the front of what it is given with the file's next bytes and
    ///   says how many these are; 0 at the file's end.
    /// - Throws: `InputFault`, and what `source` throws.
    package func read(
        into room: UnsafeMutableRawBufferPointer,
        from source: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Int {
        invariant(room.count >= Self.roomByteCount, "there is room for the longest character")
        var total = 0
        while room.count - total >= Self.roomByteCount {
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[total...])
            let count = try read(into: rest, behind: stages.count, source)
            if count == 0 { break }
            total += count
        }
        return total
    }

    /// The least room that `read` is given.
    package static let roomByteCount = 4

    /// Some of the bytes that the first `stageCount` stages make; 0 at the end.
    private func read(
        into room: UnsafeMutableRawBufferPointer, behind stageCount: Int,
        _ source: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Int {
        guard stageCount > 0 else { return try source(room) }
        let index = stageCount - 1
        while true {
            let buffer = buffers[index]
            let moved = try stages[index].step(buffer.waiting, into: room, isLast: buffer.isLast)
            buffers[index].start += moved.consumed
            if moved.produced > 0 { return moved.produced }
            if moved.consumed > 0 { continue }
            if buffer.isLast { return 0 }
            buffers[index].compact()
            let free = buffers[index].free
            invariant(!free.isEmpty, "a stage with input and room moves on")
            let count = try read(into: free, behind: index, source)
            buffers[index].end += count
            buffers[index].isLast = count == 0
        }
    }
}
