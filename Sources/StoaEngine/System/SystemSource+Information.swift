internal import StoaModel
internal import StoaStorage

/// The rows of `information_schema`, of the tables that people made.
extension SystemSource {
    func addSchemata(_ rows: inout SystemRows) {
        for name in SystemTable.schemaNames {
            rows.append([.text(SystemTable.databaseName), .text(name), .text("stoa")])
        }
    }

    func addInformationTables(_ rows: inout SystemRows) {
        for table in snapshot.catalog.tables {
            rows.append([
                .text(SystemTable.databaseName), .text("public"), .text(table.name),
                .text("BASE TABLE"),
            ])
        }
    }

    func addInformationColumns(_ rows: inout SystemRows) {
        for table in snapshot.catalog.tables {
            for (index, column) in table.columns.enumerated() {
                let type = column.type
                rows.append([
                    .text(SystemTable.databaseName), .text("public"), .text(table.name),
                    .text(column.name), .count(index + 1), .null,
                    .text(column.isNullable ? "YES" : "NO"), .text(type.description), .null,
                    .count(type.isDecimal ? Int(type.precision) : nil),
                    .count(type.isDecimal ? Int(type.scale) : type.isInteger ? 0 : nil),
                    .count(type == .timestamp ? 6 : type == .date ? 0 : nil),
                ])
            }
        }
    }
}
