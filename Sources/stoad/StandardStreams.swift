internal import Foundation

/// The files that stdout and stderr went to when the daemon was started, so that they can be
/// opened anew when somebody has moved them away.
///
/// A log is rotated by renaming it and sending SIGHUP; what goes to a pipe, a terminal or a
/// journal is nobody's to rename and stays as it is.
struct StandardStreams {
    /// A descriptor and the path it had.
    private struct Stream {
        var descriptor: Int32
        var path: String
    }

    private let streams: [Stream]

    /// Remembers where the streams go now.
    init() {
        streams = [STDOUT_FILENO, STDERR_FILENO].compactMap { descriptor in
            Self.path(of: descriptor).map { Stream(descriptor: descriptor, path: $0) }
        }
    }

    /// Opens the files anew under their old names.
    ///
    /// - Returns: Path and reason of what could not be opened; such a stream stays as it is.
    func reopen() -> [(path: String, reason: String)] {
        var failures: [(path: String, reason: String)] = []
        for stream in streams {
            let fresh = open(stream.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
            if fresh < 0 {
                failures.append((stream.path, String(cString: strerror(errno))))
                continue
            }
            // The copy is not closed on exec, as the stream was not.
            if dup2(fresh, stream.descriptor) < 0 {
                failures.append((stream.path, String(cString: strerror(errno))))
            }
            close(fresh)
        }
        return failures
    }

    /// The path of a descriptor that is a regular file which can be found under its name.
    private static func path(of descriptor: Int32) -> String? {
        var opened = stat()
        guard fstat(descriptor, &opened) == 0, opened.st_mode & S_IFMT == S_IFREG,
            let path = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\(descriptor)")
        else { return nil }
        var named = stat()
        guard stat(path, &named) == 0, named.st_dev == opened.st_dev,
            named.st_ino == opened.st_ino
        else { return nil }
        return path
    }
}
