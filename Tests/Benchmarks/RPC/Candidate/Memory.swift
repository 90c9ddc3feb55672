/// What idle connections cost a server.
public enum Memory {
    /// Opens connections one by one, each with one call, and looks at the server's resident memory before and after.
    public static func measure(
        connections: Int, server: Int32, _ open: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Outcome {
        let before = ProcessUsage.residentKilobytes(of: server)
        try await Crowd.each(connections, open)
        // Until the server has let go of what the last handshakes needed.
        try await Task.sleep(for: .milliseconds(500))
        let after = ProcessUsage.residentKilobytes(of: server)
        return Outcome(connections: connections, kilobytesBefore: before, kilobytesAfter: after)
    }
}
