internal import StoaBase

/// Checksums: when bytes are believed, and what becomes of those that cannot be.
extension Segment {
    /// The extent of a place; nil when there is none.
    func extent(of place: DamageRegister.Place) -> SegmentExtent? {
        switch place.block {
        case DamageRegister.Place.dictionaryBlock: footer.columns[place.column].dictionary
        case DamageRegister.Place.filterBlock: footer.columns[place.column].filters
        default: footer.block(column: place.column, index: place.block)?.extent
        }
    }

    /// Everything with a checksum of its own.
    var places: [DamageRegister.Place] {
        footer.columns.indices.flatMap { column -> [DamageRegister.Place] in
            var places: [DamageRegister.Place] = []
            if footer.columns[column].dictionary != nil {
                places.append(.dictionary(ofColumn: column))
            }
            if hasFilters(position: column) { places.append(.filters(ofColumn: column)) }
            return places + (0..<blockCount).map { .init(column: column, block: $0) }
        }
    }

    /// One place that is known to be damaged, for tables about storage.
    package struct Damage: Sendable {
        /// Nil: the whole segment.
        package var columnID: UInt32?
        /// Nil: the column's dictionary or filters, or the whole segment.
        package var block: Int?
        package var error: StorageError
    }

    /// What is known to be damaged by now.
    package var knownDamages: [Damage] {
        if let loss { return [Damage(columnID: nil, block: nil, error: loss)] }
        return damages.all.map { place, error in
            Damage(
                columnID: footer.columns[place.column].columnID,
                block: place.block < 0 ? nil : place.block, error: error)
        }
    }

    /// Rows that need what is damaged.
    package func rowCount(of damage: Damage) -> Int {
        damage.block.map { footer.rowCount(ofBlock: $0) } ?? rowCount
    }

    /// The bytes of an extent, whose checksum agrees.
    ///
    /// - Throws: `corruptBlock`; the place is in the register of damages from then on.
    func verify(
        _ extent: SegmentExtent, at place: DamageRegister.Place
    ) throws(StorageError) -> (bytes: Bytes, verification: SegmentWatch.Verification) {
        let verification = watch.begin()
        let padded = fileBytes[extent.byteOffset..<extent.end]
        let found = Checksum.crc32c(padded)
        guard found == extent.checksum else {
            var damage = CorruptBlock(
                path: path, table: tableName, column: columnName(footer.columns[place.column]),
                blockIndex: place.block, byteOffset: extent.byteOffset)
            damage.expectedChecksum = extent.checksum
            damage.foundChecksum = found
            damage.isUnreadable = watch.hasLostPages
            let error = StorageError.corruptBlock(damage)
            if damages.add(error, at: place) { report(damage) }
            throw error
        }
        if damages.remove(place) {
            watch.policy.events.report(.notice, "damage is gone", ["file": path])
        }
        return (padded[0..<extent.byteCount], verification)
    }

    private func report(_ damage: CorruptBlock) {
        watch.policy.events.report(
            .error, "stored bytes are damaged",
            [
                "table": damage.table, "column": damage.column, "block": "\(damage.blockIndex)",
                "file": damage.path, "byte": "\(damage.byteOffset)",
                "reason": damage.isUnreadable ? "they cannot be read" : "their checksum is wrong",
            ], kind: "stored bytes are damaged \(damage.table)")
    }

    /// Computes a place's checksum again, whatever is known of it.
    ///
    /// - Throws: `corruptBlock`.
    func verifyAgain(_ place: DamageRegister.Place) throws(StorageError) {
        guard let extent = extent(of: place) else { return }
        _ = try verify(extent, at: place)
    }
}
