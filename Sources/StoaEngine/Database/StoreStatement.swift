internal import StoaBase
internal import StoaModel
internal import StoaQuery
internal import StoaStorage

/// Hands statements that change something to the store; its completion ends them.
struct StoreStatement {
    let runner: StatementRunner

    func run(_ statement: BoundStatement) {
        let store = runner.database.store
        switch statement {
        case .createTable(let create):
            store.createTable(Self.draft(create), completion: changeCompletion())
        case .dropTable(let id, _): store.dropTable(id, completion: changeCompletion())
        case .renameTable(let id, let name):
            store.renameTable(id, to: name, completion: changeCompletion())
        case .changeColumn(let id, let change):
            store.change(Self.change(change, of: id), completion: changeCompletion())
        case .flush: flush(store)
        case .truncate(let id): store.change(.truncate(id), completion: changeCompletion())
        case .dropDamagedRows(let id): dropDamagedRows(of: id, store)
        case .insert(let insert):
            let end = end()
            store.append(insert.batch, to: insert.table.id, origin: .none) { result in
                end(result.map { (rowCount: $0.rowCount, generation: $0.generation) })
            }
        case .select, .explain, .kill, .dropNothing, .showTables, .describe, .set, .showSetting,
            .showSettings, .listing:
            invariant(false, "only changes go to the store")
        }
    }

    private static func draft(_ create: CreateTable) -> TableDraft {
        TableDraft(
            name: create.name,
            columns: create.columns.map {
                TableDraft.Column(name: $0.name, type: $0.type, isNullable: $0.isNullable)
            }, timeColumn: create.timeColumn, sortColumns: create.sortColumns,
            ifNotExists: create.ifNotExists)
    }

    private static func change(_ change: ColumnChange, of id: TableID) -> TableChange {
        switch change {
        case .add(let column, let ifNotExists):
            let draft = TableDraft.Column(
                name: column.name, type: column.type, isNullable: column.isNullable)
            return .addColumn(id, draft, ifNotExists: ifNotExists)
        case .drop(let columnID): return .dropColumn(id, columnID: columnID)
        case .rename(let columnID, let name):
            return .renameColumn(id, columnID: columnID, to: name)
        }
    }

    /// Answers when everything stored before is in segments.
    private func flush(_ store: Store) {
        let end = end()
        store.sealAll { error in
            if let error { return end(.failure(error)) }
            end(.success((rowCount: 0, generation: store.snapshot().generation)))
        }
    }

    /// Answers with the number of rows that are given up.
    private func dropDamagedRows(of id: TableID, _ store: Store) {
        let end = end()
        store.dropDamagedRows(id) { result in
            end(
                result.map {
                    (rowCount: $0.lostRowCount, generation: store.snapshot().generation)
                })
        }
    }

    private func changeCompletion() -> ChangeCompletion {
        let end = end()
        return { result in end(result.map { (rowCount: 0, generation: $0.generation) }) }
    }

    /// Sends the empty result and its end.
    private func end()
        -> @Sendable (
            Result<(rowCount: Int, generation: UInt64), StorageError>
        ) -> Void
    {
        let pool = runner.database.pool
        let answer = StoreAnswer(
            sink: runner.sink, control: runner.control,
            startNanoseconds: runner.startNanoseconds, deadline: runner.deadline)
        pool.watch(answer)
        return { result in
            answer.send(result)
            pool.forget(answer)
        }
    }
}
