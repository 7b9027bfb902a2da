internal import NIOCore

/// Takes connections only while there is room for them. Without it a loop that has no descriptor
/// left, or as many connections as it may, asks the system again and again for the next one.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = any Channel

    private let connections: ConnectionTable
    private let limit: Int
    private var context: ChannelHandlerContext?
    private var isReadWanted = false
    private var pause: Scheduled<Void>?
    /// How long nobody is taken after the system refused to give a descriptor or memory.
    private static let pauseAfterError = TimeAmount.milliseconds(200)

    /// A gate that takes nobody while there are `limit` connections.
    init(_ connections: ConnectionTable, limit: Int) {
        self.connections = connections
        self.limit = limit
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connections.didRemove = { [weak self] in self?.readIfAllowed() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        pause?.cancel()
        pause = nil
        self.context = nil
    }

    func read(context: ChannelHandlerContext) {
        isReadWanted = true
        readIfAllowed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard pause == nil else { return }
        let loop = context.eventLoop.assumeIsolated()
        pause = loop.scheduleTask(in: Self.pauseAfterError) {
            self.pause = nil
            self.readIfAllowed()
        }
    }

    private func readIfAllowed() {
        guard let context, isReadWanted, pause == nil, connections.count < limit else { return }
        isReadWanted = false
        context.read()
    }
}
