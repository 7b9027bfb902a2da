internal import StoaBase
internal import StoaModel

/// Rows in order as pages of a temporary file.
struct SortedRun {
    let file: SpillFile
    private(set) var pages: [SpillFile.Page] = []
    /// Bytes of the largest page when it is read.
    private(set) var pageByteCount = 0
    /// Bytes from which on a page is full.
    private static let pageByteCountTarget = 32 << 10

    /// A run without rows yet.
    init(_ file: SpillFile) { self.file = file }

    /// Writes rows, which stand in order.
    init(
        _ rows: StoredRows, _ order: ArraySlice<UInt32>, _ file: SpillFile,
        check: () throws(ServiceError) -> Void
    ) throws(ServiceError) {
        self.init(file)
        try append(rows, order, check: check)
    }

    /// Writes rows that follow on those written so far.
    mutating func append(
        _ rows: StoredRows, _ order: ArraySlice<UInt32>,
        check: () throws(ServiceError) -> Void
    ) throws(ServiceError) {
        var rest = order
        while !rest.isEmpty {
            try check()
            let size = rows.pageSize(rest, target: Self.pageByteCountTarget)
            let page = UnsafeMutableRawBufferPointer.allocate(
                byteCount: size.byteCount, alignment: 16)
            defer { page.deallocate() }
            if let base = page.baseAddress {
                rows.write(rest.prefix(size.rowCount), to: base)
            }
            pages.append(
                try file.write(UnsafeRawBufferPointer(page), recordCount: size.rowCount))
            pageByteCount = max(pageByteCount, size.byteCount)
            rest = rest.dropFirst(size.rowCount)
        }
    }

    /// Reads a page in the place of all that `rows` holds.
    func read(
        _ page: Int, into rows: StoredRows, budget: MemoryBudget
    ) throws(ServiceError) {
        let count = pages[page].recordCount
        try file.read(pages[page], budget: budget) { chunk throws(ServiceError) in
            let bytes = UnsafeRawBufferPointer(start: chunk.base, count: chunk.byteCount)
            guard try rows.read(count, from: bytes) else { throw file.damaged }
        }
    }
}
