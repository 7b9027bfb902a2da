internal import Synchronization

/// Says to everybody who works on one statement that it is to end, or that it is to let others
/// pass. Looking costs one plain load, so that inner loops can afford it; whoever sees it raised
/// stops and throws.
package final class StopSignal: @unchecked Sendable {
    // SAFETY: `lookCount` is used only by signals with a deadline, which belong to one thread.
    private let word = Atomic<UInt8>(0)
    /// Monotonic nanoseconds at which the signal raises itself; 0: never.
    private let deadline: Int64
    private var lookCount = 0
    private static let raisedBit: UInt8 = 1
    private static let waitBit: UInt8 = 2
    /// Looks between two readings of the clock.
    private static let looksPerReading = 16

    package init() { deadline = 0 }

    /// A signal that raises itself `nanoseconds` from now. Only one thread may look at it.
    package init(after nanoseconds: Int64) {
        deadline = HostClock.monotonicNanoseconds() + nanoseconds
    }

    /// Whether it is time to stop.
    package var isRaised: Bool {
        word.load(ordering: .relaxed) & Self.raisedBit != 0 || (deadline != 0 && isOver())
    }

    /// Whether it is time to stop, or to let others pass.
    package var asksForAttention: Bool {
        word.load(ordering: .relaxed) != 0 || (deadline != 0 && isOver())
    }

    /// Lets everybody stop who looks from now on.
    package func raise() { word.bitwiseOr(Self.raisedBit, ordering: .relaxed) }

    /// Whether the work should let others pass where it can.
    package var asksToWait: Bool {
        get { word.load(ordering: .relaxed) & Self.waitBit != 0 }
        set {
            if newValue {
                word.bitwiseOr(Self.waitBit, ordering: .relaxed)
            } else {
                word.bitwiseAnd(~Self.waitBit, ordering: .relaxed)
            }
        }
    }

    private func isOver() -> Bool {
        lookCount &+= 1
        guard lookCount % Self.looksPerReading == 0,
            HostClock.monotonicNanoseconds() > deadline
        else { return false }
        raise()
        return true
    }
}
