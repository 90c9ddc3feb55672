import CoreTypes
import NotifierAPI
import SchedulerAPI
import Texts

/// Tells that a connection's shadow mode is over: from now on imports are stopped.
struct ShadowMail {
    let period: ShadowPeriod
    /// The first run that was judged afterwards.
    let event: RunFinished
    let setting: MailSetting

    func text(in language: Language, others: [String]) -> MailText {
        var arguments = event.textArguments
        arguments["connectionID"] = "\(event.connectionID)"
        arguments["shadowSince"] = "\(period.since)"
        arguments["shadowUntil"] = "\(period.until)"
        arguments["stops"] = "\(period.stops)"
        var writer = MailWriter(language, setting, arguments)
        writer.add("mail_greeting")
        writer.heading("mail_heading_what")
        writer.add("mail_shadow_ended")
        writer.add(period.stops > 0 ? "mail_shadow_stops" : "mail_shadow_no_stops")
        writer.heading("mail_heading_do")
        writer.add(period.stops > 0 ? "mail_shadow_do" : "mail_nothing_to_do")
        writer.heading("mail_heading_who")
        writer.add("mail_who_support", ["support": setting.supportAddress ?? writer.phrase("mail_support_unnamed")])
        writer.heading("mail_heading_reference")
        writer.add("mail_reference_run")
        writer.add("mail_reference_trace")
        writer.addRecipients(others)
        writer.close()
        return MailText(subject: writer.phrase("mail_subject_shadowEnded"), text: writer.text)
    }
}
