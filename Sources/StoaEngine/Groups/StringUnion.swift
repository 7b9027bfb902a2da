internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaStorage

/// The distinct strings of one column of all blocks, numbered in bytewise order: what codes of
/// any block's dictionary become, so that numbers group and order like the strings.
final class StringUnion: @unchecked Sendable {
    // SAFETY: all is built in `init` and never changed; `intern` locks itself.
    /// Distinct strings.
    let count: Int
    private let intern: InternTable
    private let idOfRank: [UInt32]
    private let rankOfID: [UInt32]
    private let translations: [ObjectIdentifier: Translation]
    /// Most strings of all dictionaries together; more are grouped by hash.
    static let entryCountLimit = 1 << 20
    /// Entries between two looks whether the query is to stop.
    private static let entriesPerCheck = 4_096
    /// The rank of a string that was in no dictionary.
    static let unknown = UInt32.max

    /// The ranks of a dictionary's codes.
    final class Translation {
        let dictionary: StringDictionary
        let ranks: UnsafeMutablePointer<UInt32>
        /// Whether every code is its own rank, as where all dictionaries hold the same strings.
        private(set) var isIdentity = false

        /// The ranks are final.
        func didRank() {
            isIdentity = (0..<dictionary.count).allSatisfy { ranks[$0] == UInt32($0) }
        }

        init(_ dictionary: StringDictionary) {
            self.dictionary = dictionary
            ranks = .allocate(capacity: max(1, dictionary.count))
            ranks.initialize(repeating: StringUnion.unknown, count: max(1, dictionary.count))
        }

        deinit { ranks.deallocate() }
    }

    /// - Returns: Nil when a block holds plain strings, or the dictionaries have too many, be it
    ///   for the memory: the groups need most of it.
    static func make(
        _ columnID: UInt32, _ scan: ScanPlan, budget: MemoryBudget
    ) throws(ServiceError) -> StringUnion? {
        var dictionaries: [ObjectIdentifier: StringDictionary] = [:]
        var entryCount = 0
        for morsel in scan.morsels {
            guard let block = morsel.block else { return nil }
            let found: StringDictionary?
            do { found = try block.dictionary(columnID) } catch { throw error.serviceError }
            guard let found else { return nil }
            try withinBudget { () throws(MemoryLimitReached) in try budget.checkStop() }
            guard found.count > 0, dictionaries[ObjectIdentifier(found)] == nil else { continue }
            dictionaries[ObjectIdentifier(found)] = found
            entryCount += found.count
            guard entryCount <= entryCountLimit else { return nil }
        }
        let share = MemoryBudget(
            byteCountLimit: budget.byteCountLimit / 4, parent: budget, stop: budget.stop)
        return try? StringUnion(Array(dictionaries.values), budget: share)
    }

    private init(
        _ dictionaries: [StringDictionary], budget: MemoryBudget
    ) throws(MemoryLimitReached) {
        intern = InternTable(budget: budget)
        var translations: [ObjectIdentifier: Translation] = [:]
        var idCount = 0
        var known: [UInt32] = []
        for dictionary in dictionaries {
            let translation = Translation(dictionary)
            translations[ObjectIdentifier(dictionary)] = translation
            for code in 0..<dictionary.count {
                if code % Self.entriesPerCheck == 0 { try budget.checkStop() }
                let id = try intern.id(of: dictionary[code])
                translation.ranks[code] = id
                idCount = max(idCount, Int(id) + 1)
            }
        }
        var ranks = [UInt32](repeating: Self.unknown, count: idCount)
        for translation in translations.values {
            for code in 0..<translation.dictionary.count {
                let id = translation.ranks[code]
                if ranks[Int(id)] == Self.unknown {
                    ranks[Int(id)] = 0
                    known.append(id)
                }
            }
        }
        try Self.sort(&known, intern, budget)
        for (rank, id) in known.enumerated() { ranks[Int(id)] = UInt32(rank) }
        for translation in translations.values {
            for code in 0..<translation.dictionary.count {
                translation.ranks[code] = ranks[Int(translation.ranks[code])]
            }
            translation.didRank()
        }
        count = known.count
        idOfRank = known
        rankOfID = ranks
        self.translations = translations
    }

    private static func sort(
        _ ids: inout [UInt32], _ intern: InternTable, _ budget: MemoryBudget
    ) throws(MemoryLimitReached) {
        var keyed = ids.map { (prefix: StringOrder.prefixKey(intern.bytes($0)), id: $0) }
        keyed.sort { left, right in
            // Without an order the sort is soon over.
            if budget.stop?.isRaised ?? false { return false }
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            return StringOrder.order(intern.bytes(left.id), intern.bytes(right.id)) < 0
        }
        try budget.checkStop()
        ids = keyed.map(\.id)
    }

    /// The ranks of a dictionary's codes; made anew for one that no block had when the query
    /// began, with `unknown` for strings that no block had.
    func translation(of dictionary: StringDictionary) throws(ServiceError) -> Translation {
        if let known = translations[ObjectIdentifier(dictionary)] { return known }
        let translation = Translation(dictionary)
        for code in 0..<dictionary.count {
            let id = try withinBudget { () throws(MemoryLimitReached) in
                try intern.id(of: dictionary[code])
            }
            if Int(id) < rankOfID.count { translation.ranks[code] = rankOfID[Int(id)] }
        }
        translation.didRank()
        return translation
    }

    /// The string of a rank.
    func bytes(_ rank: Int) -> UnsafeRawBufferPointer { intern.bytes(idOfRank[rank]) }
}
