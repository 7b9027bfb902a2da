/// Words that the grammar knows. Only those in `reserved` cannot name a column without quotes;
/// type and function names are no keywords at all.
enum Keyword: String, CaseIterable {
    case select, from, `where`, group, by, having, order, limit, offset, all, distinct, `as`
    case and, or, not, between, `in`, `is`, like, ilike, null, `true`, `false`
    case asc, desc, nulls, first, last, fetch
    case create, table, `if`, exists, time, drop, alter, rename, to, show, tables, describe
    case insert, into, values, cast, extract, timestamp, date, interval
    case `case`, when, then, `else`, end, join, inner, left, right, full, cross, natural, on, using
    case union, intersect, except, filter, over, window, escape, collate, similar, with
    case update, delete, truncate, explain, set, begin, commit, rollback, copy, pragma
    case primary, unique, constraint, foreign, check, `default`, references, key
    case add, column, view, index, temporary, returning, conflict
    case double, character, varying, precision
    case kill, query, analyze, reset, flush
    case isnull, notnull
    case damaged, rows

    /// The keyword spelled by `bytes`, in any case.
    static func named(_ bytes: ArraySlice<UInt8>) -> Keyword? {
        guard bytes.count <= 16 else { return nil }
        var key: UInt128 = 0
        for byte in bytes {
            key = key << 8 | UInt128(byte >= 65 && byte <= 90 ? byte | 0x20 : byte)
        }
        return byKey[key]
    }

    /// By their bytes as one number, so that looking up a word makes no string.
    private static let byKey = Dictionary(
        uniqueKeysWithValues: allCases.map { keyword in
            (keyword.rawValue.utf8.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }, keyword)
        })

    /// As messages spell it.
    var text: String { rawValue.uppercased() }

    /// Whether it cannot be a name without quotes.
    var isReserved: Bool {
        switch self {
        case .select, .from, .where, .group, .by, .having, .order, .limit, .offset, .distinct, .as,
            .and, .or, .not, .between, .in, .is, .like, .ilike, .null, .true, .false, .asc, .desc,
            .case, .when, .then, .else, .end, .join, .on, .using, .union, .intersect, .except,
            .create, .into, .table:
            true
        default: false
        }
    }

    /// Whether it ends an expression or a table name, so that it is no alias without AS.
    var endsOperand: Bool {
        switch self {
        case .inner, .left, .right, .full, .cross, .natural, .nulls, .filter, .over, .window,
            .escape, .collate, .fetch, .similar, .returning, .isnull, .notnull:
            true
        default: isReserved
        }
    }
}
