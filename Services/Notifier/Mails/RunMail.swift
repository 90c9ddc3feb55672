import CoreTypes
import NotifierAPI
import SchedulerAPI
import Texts

/// Tells a recipient what went wrong with a run, what to do first and whom to ask.
struct RunMail {
    /// Missing items named in the text itself; all that are known are in the file that goes with it.
    static let itemsNamedFirst = 20
    static let duplicatesNamed = 50

    let event: RunFinished
    let kind: NoticeKind
    let incident: IncidentID
    let setting: MailSetting

    /// - Parameters:
    ///   - others: Who else gets this mail.
    ///   - reminderOf: nil for the first mail of an incident.
    func text(
        in language: Language, others: [String], reminderOf life: IncidentLife? = nil
    ) -> MailText {
        var writer = MailWriter(language, setting, event.textArguments)
        let subject = writer.phrase("mail_subject_\(kind.rawValue)")
        let entry = writer.entry(event.report.reason)
        writer.add("mail_greeting")
        writeWhatHappened(entry, life, &writer)
        writeFigures(&writer)
        writeSourceChanges(&writer)
        writeWhatToDo(entry, &writer)
        writeMissing(&writer)
        writeDuplicates(&writer)
        writeUnreadable(&writer)
        writeChecksNotMade(&writer)
        writeReference(others, &writer)
        writer.close()
        return MailText(
            subject: life == nil ? subject : writer.phrase("mail_subject_reminder", ["subject": subject]),
            text: writer.text, missingItems: missingItemsFile(writer))
    }

    private func missingItemsFile(_ writer: MailWriter) -> String? {
        guard !event.report.missing.isEmpty else { return nil }
        let cut = listIsCut.map { writer.phrase("mail_list_cut", $0) }
        return MissingItemsFile.text(event.report.missing, cut: cut)
    }

    /// How many of how many are listed; nil where all are.
    private var listIsCut: [String: String]? {
        let (shown, count) = (event.report.missing.count, event.report.missingCount)
        return shown < count ? ["shown": "\(shown)", "count": "\(count)"] : nil
    }

    private func writeWhatHappened(_ entry: TextEntry, _ life: IncidentLife?, _ writer: inout MailWriter) {
        writer.heading("mail_heading_what")
        writer.add(line: entry.title)
        writeFurtherHolds(&writer)
        if let life {
            writer.add(
                "mail_still_open", ["runs": "\(life.runCount)", "openedAt": life.openedAt.description])
        }
        if let detail = event.report.arguments["detail"], !detail.isEmpty { writer.add("mail_detail") }
        if kind != .setOutdated { writer.add("mail_occurred") }
        if event.startedBy != nil { writer.add("mail_started_by") }
        writer.heading("mail_heading_shop")
        writer.add(shopSentence)
        // What all or nothing means for a shop where each row is live as soon as it is sent.
        if event.report.pushed != nil { writer.add(line: writer.entry("direct_shop_promise").title) }
    }

    /// What holds it beside the first, which is what happened.
    private func writeFurtherHolds(_ writer: inout MailWriter) {
        let holds = (event.report.holds ?? []).dropFirst()
        guard !holds.isEmpty else { return }
        writer.add("mail_also_held")
        for hold in holds { writer.add(line: "* " + writer.entry(hold.reason, hold.arguments).title) }
    }

    /// What the reader wants to know first: whether the shop was touched.
    private var shopSentence: String {
        let report = event.report
        switch kind {
        case .importTolerated: return report.outcome == .published ? "mail_uploaded" : "mail_shop_has_it"
        case .setOutdated: return "mail_shop_as_of"
        case .importStalled where event.isPublishing: return "mail_upload_in_doubt"
        default: break
        }
        if let pushed = report.pushed, pushed.live > 0, !report.outcome.isSuccess, report.publication.isEmpty {
            return "mail_upload_partial"
        }
        if let pushed = report.pushed, pushed.applied > 0, pushed.live == 0, !report.outcome.isSuccess {
            return "mail_upload_put_back"
        }
        // What is held has not reached the shop; its figures say what it would do there.
        if !report.publication.isEmpty, report.outcome != .held { return "mail_upload_differs" }
        if report.outcome == .lost { return "mail_upload_unknown" }
        return event.lastPublishedAt == nil ? "mail_nothing_uploaded_ever" : "mail_nothing_uploaded"
    }

    private func writeFigures(_ writer: inout MailWriter) {
        let report = event.report
        guard report.verdict != nil || report.read > 0 || report.countBefore != nil else { return }
        writer.heading("mail_heading_figures")
        writer.add(report.countBefore == nil ? "mail_count_before_none" : "mail_count_before")
        let none = report.isRecountUnasked ? "mail_count_after_not_reached" : "mail_count_after_none"
        writer.add(report.countAfter == nil ? none : "mail_count_after")
        writer.add(report.isCutShort ? "mail_read_partly" : "mail_read")
        if !report.isCutShort { writer.add("mail_distinct") }
        if let tolerance = report.tolerance { writer.add(tolerance.phrase) }
        // Of a read that did not come to its end nobody knows how many pages there are.
        if let page = report.faultyPage { writer.add(page > report.pages ? "mail_page_reached" : "mail_page") }
    }

    private func writeSourceChanges(_ writer: inout MailWriter) {
        guard let changes = event.report.sourceChanges, !changes.isEmpty else { return }
        writer.heading("mail_heading_source_changes")
        for change in changes.prefix(Self.itemsNamedFirst) {
            let words = ["field": change.field, "was": writer.word(change.was), "now": writer.word(change.now)]
            writer.add(line: writer.entry(change.reason, words).title)
        }
        let unnamed = changes.count - Self.itemsNamedFirst
        if unnamed > 0 { writer.add("mail_more", ["count": "\(unnamed)"]) }
    }

    private func writeWhatToDo(_ entry: TextEntry, _ writer: inout MailWriter) {
        writer.heading("mail_heading_do")
        writer.add(line: entry.remedy)
        if event.report.holds?.isEmpty == false { writer.add("mail_preview") }
        writer.add(event.nextRunAt == nil ? "mail_next_run_none" : "mail_next_run")
        if mayBeDown {
            writer.add(line: "")
            writer.add("mail_guide")
            let steps = Texts.guide(.webServices, writer.language, writer.arguments)
            for (index, step) in steps.enumerated() { writer.add(line: "\(index + 1). \(step)") }
        }
        writer.heading("mail_heading_who")
        let support = setting.supportAddress ?? writer.phrase("mail_support_unnamed")
        writer.add("mail_who_\(entry.actor.rawValue)", ["support": support])
    }

    /// Whether the first thing to look at is the web services of the source.
    private var mayBeDown: Bool {
        switch event.report.failure {
        case .connection where event.report.reason != "run_failed_\(FailureClass.connection.rawValue)": false
        case .name, .connection, .tls, .timeout, .maintenance, .answer:
            event.textArguments["system"] == event.sourceName
        case nil: event.report.verdict == .incomplete || event.report.verdict == .emptySource
        default: false
        }
    }

    private func writeMissing(_ writer: inout MailWriter) {
        let report = event.report
        guard report.missingCount > 0 else { return }
        writer.heading("mail_heading_missing")
        for item in report.missing.prefix(Self.itemsNamedFirst) { writeItem(item, &writer) }
        let unnamed = report.missingCount - min(report.missing.count, Self.itemsNamedFirst)
        if unnamed > 0 { writer.add("mail_more", ["count": "\(unnamed)"]) }
        // What the shop had and the source does not count is no fault of the reading.
        let gone = report.countBefore.map { report.missingCount - max(0, $0 - report.distinctKeys) } ?? 0
        if gone > 0 { writer.add("mail_missing_gone", ["gone": "\(gone)"]) }
        if !report.missing.isEmpty { writer.add("mail_list_attached", ["file": MissingItemsFile.name]) }
        if let listIsCut { writer.add("mail_list_cut", listIsCut) }
    }

    private func writeItem(_ item: MissingItem, _ writer: inout MailWriter) {
        writer.add("mail_missing_item", ["key": item.key, "name": item.name])
    }

    private func writeDuplicates(_ writer: inout MailWriter) {
        let duplicates = event.report.duplicates
        guard !duplicates.isEmpty else { return }
        writer.heading("mail_heading_duplicates")
        for duplicate in duplicates.prefix(Self.duplicatesNamed) {
            let pages = duplicate.pages.map(String.init).joined(separator: ", ")
            writer.add(
                "mail_on_pages",
                ["key": duplicate.key, "pages": pages, "pageCount": "\(Set(duplicate.pages).count)"])
        }
        let unnamed = duplicates.count - Self.duplicatesNamed
        if unnamed > 0 { writer.add("mail_more", ["count": "\(unnamed)"]) }
    }

    private func writeUnreadable(_ writer: inout MailWriter) {
        guard !event.report.unreadable.isEmpty else { return }
        writer.heading("mail_heading_unreadable")
        for item in event.report.unreadable {
            let entry = writer.entry(item.reason)
            writer.add(
                "mail_unreadable_item",
                [
                    "page": "\(item.page)", "position": "\(item.position)",
                    "key": item.key ?? writer.phrase("mail_no_key"), "title": entry.title, "remedy": entry.remedy,
                ])
        }
    }

    private func writeChecksNotMade(_ writer: inout MailWriter) {
        let report = event.report
        guard report.verdict == .unverifiable, !report.checksNotMade.isEmpty else { return }
        writer.heading("mail_heading_checks_not_made")
        for check in report.checksNotMade {
            let entry = writer.entry(check)
            writer.add(line: "\(entry.title) \(entry.remedy)")
        }
    }

    private func writeReference(_ others: [String], _ writer: inout MailWriter) {
        writer.heading("mail_heading_reference")
        writer.add("mail_reference_run")
        writer.add("mail_reference_incident", ["incident": "\(incident)"])
        writer.add("mail_reference_trace")
        writer.addRecipients(others)
    }
}

extension ToleranceUse {
    /// How much of what is tolerated was made use of, as a phrase of the catalogue.
    var phrase: String {
        if lacking == 0 { return "mail_tolerance_unused" }
        return isUsed ? "mail_tolerance_used" : "mail_tolerance_exceeded"
    }
}

extension RunFinished {
    /// Whether a run that stands still may have changed the shop by now.
    fileprivate var isPublishing: Bool {
        report.arguments["phase"].flatMap(RunPhase.init)?.isTooLateToCancel == true
    }
}
