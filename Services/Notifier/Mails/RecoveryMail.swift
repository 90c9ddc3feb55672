import CoreTypes
import NotifierAPI
import SchedulerAPI
import Texts

/// Tells those who heard of an incident that a run has succeeded again.
struct RecoveryMail {
    /// What was wrong and is over now.
    struct Closed: Sendable, Equatable {
        var openedAt: Instant
        /// The last run that showed it.
        var shownBy: RunFinished
    }

    let event: RunFinished
    let closed: [Closed]
    let setting: MailSetting

    func text(in language: Language, others: [String]) -> MailText {
        var writer = MailWriter(language, setting, event.textArguments)
        writer.add("mail_greeting")
        writer.add(line: "")
        writer.add(event.report.isWithinTolerance ? "mail_recovered_tolerated" : "mail_recovered")
        writer.add("mail_nothing_to_do")
        writer.add(line: "")
        writer.add("mail_recovered_what")
        for incident in closed { write(incident, &writer) }
        writePublication(&writer)
        writer.heading("mail_heading_reference")
        writer.add("mail_reference_run")
        writer.add("mail_reference_trace")
        writer.addRecipients(others)
        writer.close()
        return MailText(subject: writer.phrase("mail_subject_recovery"), text: writer.text)
    }

    private func write(_ incident: Closed, _ writer: inout MailWriter) {
        let entry = Texts.entryOrGeneral(
            incident.shownBy.report.reason, writer.language, incident.shownBy.textArguments, zone: setting.zone)
        writer.add("mail_recovered_line", ["openedAt": incident.openedAt.description, "title": entry.title])
    }

    private func writePublication(_ writer: inout MailWriter) {
        guard !event.report.publication.isEmpty else { return }
        writer.heading("mail_heading_shop")
        for part in event.report.publication {
            writer.add(
                "mail_publication",
                [
                    "module": part.module.rawValue, "created": "\(part.created)",
                    "updated": "\(part.updated)", "removed": "\(part.removed)",
                ])
        }
    }
}

/// Shows a recipient that mail reaches them.
struct TestMail {
    let merchantName: String
    let setting: MailSetting

    func text(in language: Language) -> MailText {
        var writer = MailWriter(language, setting, ["merchant": merchantName])
        writer.add("mail_greeting")
        writer.add(line: "")
        writer.add("mail_test_text")
        writer.add("mail_nothing_to_do")
        writer.close()
        return MailText(subject: writer.phrase("mail_subject_test"), text: writer.text)
    }
}
