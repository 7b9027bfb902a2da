/// Stops the process, in every build, when the program's own reasoning is wrong.
///
/// For what only a bug can break. Bad input, a full disk and a damaged file are not bugs: throw.
/// Write the positive statement, one fact per call; `why` says what would be damaged otherwise.
@inlinable
package func invariant(
    _ holds: @autoclosure () -> Bool, _ why: @autoclosure () -> String,
    file: StaticString = #fileID, line: UInt = #line
) {
    precondition(holds(), why(), file: file, line: line)
}

/// Like `invariant`, for checks that cost more than O(1): compiled in only with `STOA_CHECKS`.
@inlinable
package func costlyInvariant(
    _ holds: @autoclosure () -> Bool, _ why: @autoclosure () -> String,
    file: StaticString = #fileID, line: UInt = #line
) {
    #if STOA_CHECKS
        precondition(holds(), why(), file: file, line: line)
    #endif
}
