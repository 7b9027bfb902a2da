/// Limits of one statement's text and of the tree made from it. No statement can make the
/// parser, the binder or the engine recurse deeper than `depthLimit`.
package enum QueryLimits {
    /// Longest statement, in bytes.
    package static let textByteCountLimit = 256 << 10
    /// Most expression nodes of a statement, after names are resolved too.
    package static let nodeCountLimit = 10_000
    /// Deepest nesting of parentheses, calls and prefix operators.
    package static let nestingLimit = 128
    /// Deepest expression tree: a chain of `+` is as deep as it is long (AND and OR are not).
    package static let depthLimit = 512
}
