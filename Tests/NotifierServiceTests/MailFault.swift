import Testing

/// What goes wrong, how often before the server is well again, and what must come of it.
struct MailFault: Sendable, CustomTestStringConvertible {
    /// The answers of one command that may go wrong: "later", "never", and what our mail list makes of them.
    private struct Command {
        var place: String
        var later: Int
        var never: Int
        /// What each is put down to; nil where the server refuses this mail for good.
        var laterKind = "busy"
        var neverKind: String?
    }

    var place: String
    var what: String
    var times: Int
    /// How the reason begins that people are shown while the mail waits or is parked.
    var words: String
    /// Parked at once, until somebody sends it again.
    var isFinal = false
    /// Mails with the same Message-ID that the server takes in the end.
    var copies = 1

    var order: String { what.isEmpty ? place : "\(place)-\(what)" }
    var testDescription: String { "\(order) × \(times)" }

    /// "Never" is final only about the mail. Where the server refuses to talk, to encrypt or to log us in, the fault is
    /// not the mail's, and somebody may mend it while the mail waits.
    private static let commands = [
        Command(place: "greeting", later: 421, never: 554, neverKind: "greeting"),
        Command(place: "ehlo", later: 421, never: 550, neverKind: "greeting"),
        Command(place: "starttls", later: 454, never: 502, laterKind: "tls", neverKind: "tls"),
        Command(place: "auth", later: 454, never: 535, laterKind: "login", neverKind: "login"),
        Command(place: "mail", later: 451, never: 550),
        Command(place: "rcpt", later: 450, never: 550),
        Command(place: "data", later: 451, never: 554),
        Command(place: "body", later: 452, never: 554),
    ]

    static let all: [MailFault] =
        commands.flatMap { command in
            let (place, later, never) = (command.place, command.later, command.never)
            return [
                MailFault(place: place, what: "\(later)", times: 2, words: "\(later) \(command.laterKind): "),
                MailFault(
                    place: place, what: "\(never)", times: 1,
                    words: "\(never) " + (command.neverKind.map { "\($0): " } ?? "\(place) refused"),
                    isFinal: command.neverKind == nil),
                MailFault(place: place, what: "hang", times: 1, words: "timeout: "),
                MailFault(place: place, what: "drop", times: 2, words: "connection: "),
            ]
        } + [
            // The one place where a mail comes twice: it was taken, and the answer is lost.
            MailFault(place: "body", what: "lost", times: 1, words: "connection: ", copies: 2),
            MailFault(place: "body", what: "lost", times: 3, words: "connection: ", copies: 4),
            MailFault(place: "grey", what: "", times: 1, words: "451 busy: greylisted"),
        ]
}
