internal import CStoa
internal import Glibc

/// One thread of our own, outside the cooperative pool: its work may block.
///
/// Source: decision 12 of the design.
package final class Thread: @unchecked Sendable {
    // SAFETY: `handle` is written once, before the value is shared.
    private let handle: pthread_t

    /// Starts a thread. `name` is what `top -H` shows, at most 15 bytes.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        // SAFETY: the one reference taken here is given back once, by the new thread.
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                stoa_set_thread_name(String(start.name.prefix(15)))
                start.body()
                return nil
            }, start.toOpaque())
        invariant(status == 0, "the system has room for our few threads")
        handle = thread
    }

    /// Waits for the thread to end. Call once.
    package func join() { pthread_join(handle, nil) }

    /// Lets the system reclaim the thread when it ends; nobody joins it then. Call once.
    package func detach() { pthread_detach(handle) }

    /// Lets the calling thread have only what others leave of processors and disks.
    package static func lowerPriority() { stoa_lower_thread_priority() }

    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
