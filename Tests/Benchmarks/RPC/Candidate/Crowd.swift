/// Does something for each of many connections, a few at a time.
public enum Crowd {
    public static let atOnce = 8

    public static func each(_ count: Int, _ work: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<min(atOnce, count) {
                group.addTask {
                    for number in stride(from: lane, to: count, by: atOnce) { try await work(number) }
                }
            }
            try await group.waitForAll()
        }
    }
}
