internal import Foundation
internal import StoaText

/// Where statements come from: the command line, a file, or standard input as it arrives.
struct ScriptSource {
    private var splitter = StatementSplitter()
    /// Texts of the command line that were not split yet; each ends a statement.
    private var texts: [String]
    private let descriptor: Int32?
    /// The file, as an error names it.
    private let name: String
    private var isAtEnd = false

    /// - Throws: `Failure` when the file cannot be opened.
    init(texts: [String], file: String?) throws {
        self.texts = texts.reversed()
        name = file.flatMap { $0 == "-" ? nil : $0 } ?? "standard input"
        if let file, file != "-" {
            let opened = open(file, O_RDONLY | O_CLOEXEC)
            guard opened >= 0 else {
                throw Failure.local("\(file): \(String(cString: strerror(errno)))")
            }
            descriptor = opened
        } else {
            descriptor = texts.isEmpty ? STDIN_FILENO : nil
        }
    }

    /// Whether a person types the statements: then an error is not the end.
    var isInteractive: Bool { descriptor == STDIN_FILENO && Terminal.isInput }

    /// The next statement; nil after the last.
    mutating func next() throws -> StatementSplitter.Statement? {
        while true {
            if let statement = splitter.next() { return statement }
            if isAtEnd { return splitter.finish() }
            guard let descriptor else {
                if let statement = splitter.finish() { return statement }
                guard let text = texts.popLast() else {
                    isAtEnd = true
                    continue
                }
                splitter = StatementSplitter()
                splitter.append(text.utf8)
                continue
            }
            if isInteractive { Terminal.write(error: "stoa> ") }
            try fill(from: descriptor)
        }
    }

    private mutating func fill(from descriptor: Int32) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            splitter.append(buffer.prefix(count))
        } else if count == 0 {
            isAtEnd = true
        } else if errno != EINTR {
            throw Failure.local("\(name): \(String(cString: strerror(errno)))")
        }
    }
}
