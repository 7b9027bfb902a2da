internal import StoaBase
internal import StoaModel

extension MemtableRows {
    /// The rows in the order of the table's sort columns, copied; the same rows when the table has
    /// none or they stand in order.
    ///
    /// Memory: the raw rows once more, and 32 bytes a row for each sort column.
    func sorted() -> MemtableRows {
        let definition = memtable.definition
        let sortColumns = definition.sortColumnIDs.compactMap { id in
            definition.columns.firstIndex { $0.id == id }
        }
        guard !sortColumns.isEmpty,
            let order = RowOrder(self, columns: sortColumns).permutation()
        else { return self }
        let capacity =
            (rowCount + Limits.vectorRows - 1) / Limits.vectorRows * Limits.vectorRows
        let columns = definition.columns.indices.map { index in
            moved(index, order: order, capacity: capacity)
        }
        let chunk = MemtableChunk(startRow: 0, capacity: capacity, columns: columns)
        return MemtableRows(
            Memtable(definition: definition, chunk: chunk, rowCount: rowCount),
            range: 0..<rowCount)
    }

    /// One column with its rows in another order.
    private func moved(
        _ index: Int, order: [UInt32], capacity: Int
    ) -> MemtableChunk.Column {
        let layout = ColumnLayout(memtable.definition.columns[index].type)
        let pieces = pieces(0..<rowCount)
        var validity: HeapBytes?
        if pieces.contains(where: { $0.chunk.columns[index].validity != nil }) {
            let target = HeapBytes(byteCount: capacity)
            gather(order, width: 1, into: target) { piece in
                piece.chunk.columns[index].validity.map {
                    UnsafeRawPointer($0.address + piece.chunkRow)
                }
            }
            validity = target
        }
        if case .strings = layout.kind {
            return movedStrings(index, layout, order: order, capacity: capacity, validity)
        }
        let values = HeapBytes(byteCount: capacity * layout.valueByteCount)
        gather(order, width: layout.valueByteCount, into: values) { piece in
            UnsafeRawPointer(
                piece.chunk.columns[index].values.address + piece.chunkRow
                    * layout.valueByteCount)
        }
        return MemtableChunk.Column(
            layout: layout, values: values, validity: validity, strings: nil, plainStart: nil)
    }

    /// Strings that repeat stay codes of one store, others are written out in their new order.
    private func movedStrings(
        _ index: Int, _ layout: ColumnLayout, order: [UInt32], capacity: Int,
        _ validity: HeapBytes?
    ) -> MemtableChunk.Column {
        let store = StringStore()
        let codes = HeapBytes(byteCount: capacity * 4)
        let target = codes.address.assumingMemoryBound(to: UInt32.self)
        var strings: [UnsafeRawBufferPointer?] = []
        strings.reserveCapacity(rowCount)
        var known: [ObjectIdentifier: [UInt32]] = [:]
        var places = [UInt32](repeating: 0, count: rowCount)
        let isWrittenOut = pieces(0..<rowCount).allSatisfy {
            $0.chunk.columns[index].plainStart != nil
        }
        for piece in pieces(0..<rowCount) {
            let source = StringPiece(piece, column: index)
            let key = piece.chunk.columns[index].strings.map { ObjectIdentifier($0) }
            var codes = key.flatMap { known.removeValue(forKey: $0) } ?? []
            if source.codes != nil, codes.count < source.entryCount {
                codes += [UInt32](repeating: .max, count: source.entryCount - codes.count)
            }
            for row in 0..<piece.rowCount {
                guard !source.isNull(row) else {
                    strings.append(nil)
                    continue
                }
                let entry = source.entry(row)
                let string = source.string(entry: entry)
                strings.append(string)
                guard !isWrittenOut else { continue }
                guard source.codes != nil else {
                    places[piece.offset + row] = store.intern(string)
                    continue
                }
                if codes[entry] == .max { codes[entry] = store.intern(string) }
                places[piece.offset + row] = codes[entry]
            }
            if let key { known[key] = codes }
        }
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        for (row, from) in order.enumerated() {
            if isWrittenOut {
                _ = store.append(strings[Int(from)] ?? empty)
            } else {
                target[row] = places[Int(from)]
            }
        }
        store.publish()
        return MemtableChunk.Column(
            layout: layout, values: codes, validity: validity, strings: store,
            plainStart: isWrittenOut ? 0 : nil)
    }

    /// Moves numbers of `width` bytes to their new places; pieces without a source are ones.
    private func gather(
        _ order: [UInt32], width: Int, into target: HeapBytes,
        _ source: (Piece) -> UnsafeRawPointer?
    ) {
        let flat = HeapBytes(byteCount: rowCount * width)
        for piece in pieces(0..<rowCount) {
            let start = flat.address + piece.offset * width
            if let rows = source(piece) {
                start.copyMemory(from: rows, byteCount: piece.rowCount * width)
            } else {
                start.initializeMemory(as: UInt8.self, repeating: 1, count: piece.rowCount * width)
            }
        }
        switch width {
        case 1: move(order, flat, target, UInt8.self)
        case 2: move(order, flat, target, UInt16.self)
        case 4: move(order, flat, target, UInt32.self)
        default: move(order, flat, target, UInt64.self)
        }
    }

    private func move<T: FixedWidthInteger & BitwiseCopyable>(
        _ order: [UInt32], _ flat: HeapBytes, _ target: HeapBytes, _ type: T.Type
    ) {
        let source = UnsafePointer(flat.address.assumingMemoryBound(to: T.self))
        let rows = target.address.assumingMemoryBound(to: T.self)
        for (row, from) in order.enumerated() { rows[row] = source[Int(from)] }
    }
}
