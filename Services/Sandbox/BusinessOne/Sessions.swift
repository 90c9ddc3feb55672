import CoreTypes

/// The logged-in sessions of a simulated Service Layer. Idle time ends them; each call starts it anew.
struct Sessions {
    private struct Session {
        var lastUsed: Instant
        /// How many pages in a row were asked for by key, the first one included.
        var keysetPage = 0
        /// The key after which the last page began; asked for again it is the same page.
        var lastBound: String?
    }

    let timeout: Duration
    private var sessions: [String: Session] = [:]

    init(timeout: Duration) { self.timeout = timeout }

    mutating func open(id: String, at now: Instant) {
        sessions = sessions.filter { !isStale($0.value, now) }
        sessions[id] = Session(lastUsed: now)
    }

    /// Whether the session stands; if so its idle time starts anew.
    mutating func use(_ id: String, at now: Instant) -> Bool {
        guard let session = sessions[id], !isStale(session, now) else {
            sessions[id] = nil
            return false
        }
        sessions[id]?.lastUsed = now
        return true
    }

    mutating func close(_ id: String) { sessions[id] = nil }
    mutating func closeAll() { sessions = [:] }

    /// The number of the page that is asked for: by `$skip` it can be calculated, by key it has to be counted.
    ///
    /// - Parameter bound: The key after which the page begins; nil when pages are asked for by `$skip`.
    mutating func pageNumber(of id: String, skip: Int, pageSize: Int, after bound: String?) -> Int {
        guard var session = sessions[id] else { return 1 }
        if bound == nil {
            session.keysetPage = skip / max(pageSize, 1) + 1
        } else if bound != session.lastBound {
            session.keysetPage += 1
        }
        session.lastBound = bound
        sessions[id] = session
        return session.keysetPage
    }

    private func isStale(_ session: Session, _ now: Instant) -> Bool { now - session.lastUsed >= timeout }
}
