import Messaging

/// Every write of the notifier; each has a crash point on both sides of its commit.
enum NotifierStep: String, DurableStep {
    case recipients, events, reminder, sendTest, resend, forget, clockStep
    /// Mails are marked as being sent.
    case claim
    /// What the mail server answered is noted.
    case answer

    static let service = "notifier"
    /// The mail server has answered and nobody has noted it: the one place where a mail may come twice.
    static let sent = "notifier.sent"
}

extension NotifierService {
    /// The names that `CRASH_AT` takes in this service.
    public static let crashPoints = NotifierStep.crashPoints + [NotifierStep.sent]
}
