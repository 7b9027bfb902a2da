internal import CStoa
internal import Glibc

/// One thread of our own, outside the cooperative pool: its work may block.
///
/// Source: decision 12 of the design.
package final class Thread: @unchecked Sendable {
    // SAFETY: `handle` is written once, before the value is shared.
    private let handle: pthread_t

    /// Starts one of the few threads that the process cannot do without. `name` is what `top -H`
    /// shows, at most 15 bytes.
    package convenience init(name: String, _ body: @escaping @Sendable () -> Void) {
        let handle = Self.create(name, body)
        invariant(handle != nil, "the system has room for our few threads")
        self.init(handle: handle ?? pthread_self())
    }

    private init(handle: pthread_t) { self.handle = handle }

    /// Starts a thread that makes something faster; nil when the system has no room for it.
    package static func ifPossible(
        name: String, _ body: @escaping @Sendable () -> Void
    ) -> Thread? {
        create(name, body).map { Thread(handle: $0) }
    }

    private static func create(
        _ name: String, _ body: @escaping @Sendable () -> Void
    ) -> pthread_t? {
        // SAFETY: the one reference taken here is given back once, by the new thread, or here
        // when there is none.
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
        if status != 0 { start.release() }
        return status == 0 ? thread : nil
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
