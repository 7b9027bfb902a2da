internal import StoaBase
package import StoaModel

/// The whole state of a store at one moment, as a value: every change of tables, segments or
/// loads makes a new one.
package struct Manifest: Equatable, Sendable {
    package static let directory = "manifest"
    /// Manifests that are kept, the current one among them.
    package static let keptCount = 8

    package var generation: UInt64
    /// Everything up to here is in this manifest or in the log it names.
    package var lsn: UInt64 = 0
    package var databaseID: DatabaseID
    /// Which life of the database this is; renewed by every restore.
    package var incarnation: UInt64
    package var nextTableID: TableID = 1
    package var nextSegmentID: UInt64 = 1
    /// Where replay begins.
    package var log = LogPosition.none
    /// Checksum of the manifest before this one; 0: this is the first.
    package var previousChecksum: UInt32 = 0
    package var tables: [ManifestTable] = []
    package var producers = ProducerTable()

    package init(generation: UInt64, databaseID: DatabaseID, incarnation: UInt64) {
        self.generation = generation
        self.databaseID = databaseID
        self.incarnation = incarnation
    }

    /// The file of a generation.
    package static func path(_ generation: UInt64) -> String {
        "\(directory)/\(HexName.text(generation))"
    }

    package var path: String { Self.path(generation) }

    /// The table with that id.
    package func tableIndex(_ id: TableID) -> Int? { tables.firstIndex { $0.definition.id == id } }

    /// The table with that name, ignoring ASCII case.
    package func tableIndex(named name: String) -> Int? {
        tables.firstIndex { Names.isEqual($0.definition.name, name) }
    }
}

/// What the manifest knows of one table.
package struct ManifestTable: Equatable, Sendable {
    /// Labels that are kept per table.
    package static let labelCountLimit = 10_000

    package var definition: TableDefinition
    /// Batches up to here are in segments: replay leaves them out.
    package var sealedLSN: UInt64
    package var nextColumnID: UInt32
    /// In the order of their rows: the order in which they were published.
    package var segments: [SegmentDescriptor] = []
    /// Bulk loads by label, oldest first.
    package var labels: [LoadLabel] = []

    package init(definition: TableDefinition, sealedLSN: UInt64) {
        self.definition = definition
        self.sealedLSN = sealedLSN
        nextColumnID = (definition.columns.map(\.id).max() ?? 0) + 1
    }
}

/// A bulk load that must not be committed a second time.
package struct LoadLabel: Equatable, Sendable {
    package var text: String
    package var lsn: UInt64
    package var rowCount: UInt64

    package init(text: String, lsn: UInt64, rowCount: UInt64) {
        self.text = text
        self.lsn = lsn
        self.rowCount = rowCount
    }
}
