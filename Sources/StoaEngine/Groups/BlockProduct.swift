internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// The sum of two columns' products over a whole block, straight from what is decoded: no frame,
/// no mask and no look at bounds per batch.
struct BlockProduct {
    private let left: Int
    private let right: Int
    private let type: ColumnType

    /// Nil when the expression is no product of two columns.
    init?(_ expression: BoundExpression) {
        guard case .arithmetic(.multiply, let left, let right) = expression.node,
            case .column(let leftIndex) = left.node, case .column(let rightIndex) = right.node
        else { return nil }
        (self.left, self.right, type) = (leftIndex, rightIndex, expression.type)
    }

    /// The sum of the block that `input` has begun; nil when its statistics do not prove that
    /// every product is of the type and their sum of 64 bits, or its lanes are too wide.
    func sum(_ input: ScanInput, rowCount: Int) throws(ServiceError) -> Int64? {
        guard let leftBounds = try input.wholeBounds(left),
            let rightBounds = try input.wholeBounds(right),
            Bounds.productsFit(leftBounds, rightBounds, type: type, count: rowCount)
        else { return nil }
        var total: Int64 = 0
        for firstRow in stride(from: 0, to: rowCount, by: Limits.batchRows) {
            let count = min(Limits.batchRows, rowCount - firstRow)
            let a = try input.read(left, firstRow: firstRow, rowCount: count)
            let b = try input.read(right, firstRow: firstRow, rowCount: count)
            guard case .integers(let n) = a.content, case .integers(let m) = b.content,
                LaneSums.isNarrow(n.lane), LaneSums.isNarrow(m.lane)
            else { return nil }
            total &+= LaneSums.productSum(n, m, mask: nil, rowCount: count).total
        }
        return total
    }
}
