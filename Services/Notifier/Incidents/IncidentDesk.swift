import CoreTypes
import GRDB
import NotifierAPI
import SchedulerAPI

/// Turns ended runs and passing time into incidents and mails, in the caller's transaction.
struct IncidentDesk: Sendable {
    let remindEvery: Duration
    let lists: AddressLists
    let mails: MailSetting
    let randomness: Randomness

    /// Takes in one ended run; what it leads to is committed with the inbox row of the event.
    func take(_ event: RunFinished, at now: Instant, _ db: Database) throws {
        try NotifierDatabase.remember(event.merchantName, of: event.merchantID, db)
        switch RunMeaning(event.report, of: event.task) {
        case .shows(let kind):
            try note(kind, shownBy: event, at: now, db)
            if let tries = event.parkedAfter {
                try note(.connectionParked, shownBy: event.parking(after: tries), at: now, db)
            }
        case .endsAll:
            try close(by: event, at: now, db) { incident in
                switch incident.kind {
                // What is still tolerated is not over, nor is a shop that is as old as it was.
                case .importTolerated: !event.report.isWithinTolerance
                case .setOutdated: event.madeFresh != false
                default: true
                }
            }
            if event.report.isWithinTolerance {
                try note(.importTolerated, shownBy: event.tolerated, at: now, db)
            }
        case .mendsShop:
            try close(by: event, at: now, db) { RunMeaning.mended.contains($0.reason) }
        case .nothing: try closeStandstill(of: event, db)
        }
        if let period = event.report.shadowEnded { try mailShadow(period, event, at: now, db) }
    }

    /// Once for each time of shadow mode, however many runs tell of it: they have the same cause.
    private func mailShadow(_ period: ShadowPeriod, _ event: RunFinished, at now: Instant, _ db: Database) throws {
        let recipients = try lists.recipients(for: .shadowEnded, of: event.connectionID, of: event.merchantID, db)
        let mail = ShadowMail(period: period, event: event, setting: mails)
        let cause = "shadow/\(event.connectionID)/\(period.until.milliseconds)"
        for (recipient, others) in recipients.withOthers {
            try MessageTable.insert(
                NewMessage(
                    messageID: randomness.makeID(), merchantID: event.merchantID, incidentID: nil, purpose: .notice,
                    cause: cause, closedByRun: nil, recipient: recipient,
                    mail: mail.text(in: recipient.language, others: others), createdAt: now), db)
        }
    }

    /// Takes in what is to be heard of although no run has ended. It is over with the next success, like all else.
    func take(_ notice: ConnectionNotice, at now: Instant, _ db: Database) throws {
        try NotifierDatabase.remember(notice.run.merchantName, of: notice.run.merchantID, db)
        try note(NoticeKind(notice.kind), shownBy: notice.run, at: now, db)
    }

    /// A run that stood still was ended by a person, or made way for another.
    private func closeStandstill(of event: RunFinished, _ db: Database) throws {
        for var incident in try IncidentTable.open(of: event.connectionID, db)
        where incident.kind == .importStalled && incident.lastEvent.runID == event.runID {
            _ = incident.life.handle(.released(at: event.finishedAt), remindEvery: remindEvery)
            try IncidentTable.update(incident.incidentID, incident.life, db)
        }
    }

    /// Takes in that a person let a parked connection start again: the parking is over, what was wrong before may not be.
    func take(_ event: ConnectionReleased, _ db: Database) throws {
        for var incident in try IncidentTable.open(of: event.connectionID, db) where incident.kind == .connectionParked
        {
            _ = incident.life.handle(.released(at: event.releasedAt), remindEvery: remindEvery)
            try IncidentTable.update(incident.incidentID, incident.life, db)
        }
    }

    /// Reminds of one open incident.
    ///
    /// - Returns: False when none is due.
    func remind(at now: Instant, _ db: Database) throws -> Bool {
        guard var incident = try IncidentTable.dueForReminder(at: now, db) else { return false }
        let due = incident.life.nextReminderAt ?? now
        let actions = incident.life.handle(.timePassed(to: now), remindEvery: remindEvery)
        try IncidentTable.update(incident.incidentID, incident.life, db)
        if actions.contains(.mailReminder) {
            let cause = "incident/\(incident.incidentID)/reminder/\(due.milliseconds)"
            try mail(
                incident.lastEvent, incident.kind, incident.incidentID, cause, reminderOf: incident.life, at: now, db)
        }
        return true
    }

    private func note(_ kind: NoticeKind, shownBy event: RunFinished, at now: Instant, _ db: Database) throws {
        let open = try IncidentTable.open(of: event.connectionID, db)
        // The same with another system is another incident: its mail names who can mend it.
        let system = event.report.arguments["system"]
        if var known = open.first(where: {
            $0.reason == event.report.reason && $0.lastEvent.report.arguments["system"] == system
        }) {
            _ = known.life.handle(.shownByRun(at: event.finishedAt), remindEvery: remindEvery)
            try IncidentTable.update(known.incidentID, known.life, db)
            try IncidentTable.update(known.incidentID, lastShownBy: event, db)
            return
        }
        let id: IncidentID = randomness.makeID()
        let (life, _) = IncidentLife.opened(
            at: event.finishedAt, heardAt: now, remindEvery: kind.isRemindedOf ? remindEvery : nil)
        try IncidentTable.insert(id, kind, life, shownBy: event, db)
        try mail(event, kind, id, "incident/\(id)/opened", reminderOf: nil, at: now, db)
    }

    private func mail(
        _ event: RunFinished, _ kind: NoticeKind, _ id: IncidentID, _ cause: String, reminderOf life: IncidentLife?,
        at now: Instant, _ db: Database
    ) throws {
        let recipients = try lists.recipients(for: kind, of: event.connectionID, of: event.merchantID, db)
        let mail = RunMail(event: event, kind: kind, incident: id, setting: mails)
        for (recipient, others) in recipients.withOthers {
            try MessageTable.insert(
                NewMessage(
                    messageID: randomness.makeID(), merchantID: event.merchantID, incidentID: id,
                    purpose: life == nil ? .incident : .reminder, cause: cause, closedByRun: nil,
                    recipient: recipient, mail: mail.text(in: recipient.language, others: others, reminderOf: life),
                    createdAt: now), db)
        }
    }

    private func close(
        by event: RunFinished, at now: Instant, _ db: Database, where isOver: (IncidentRecord) -> Bool
    ) throws {
        var closed: [RecoveryMail.Closed] = []
        for var incident in try IncidentTable.open(of: event.connectionID, db) where isOver(incident) {
            _ = incident.life.handle(.runSucceeded(at: event.finishedAt), remindEvery: remindEvery)
            try IncidentTable.update(incident.incidentID, incident.life, db)
            try IncidentTable.update(incident.incidentID, closedBy: event.runID, db)
            closed.append(RecoveryMail.Closed(openedAt: incident.life.openedAt, shownBy: incident.lastEvent))
        }
        guard !closed.isEmpty else { return }
        try mailRecovery(from: closed, event, at: now, db)
    }

    /// To those who were told and are still on the list.
    private func mailRecovery(
        from closed: [RecoveryMail.Closed], _ event: RunFinished, at now: Instant, _ db: Database
    ) throws {
        let told = try MessageTable.addressesTold(ofIncidentsClosedBy: event.runID, db)
        let recipients = try lists.everybody(of: event.merchantID, db).filter { told.contains($0.address) }
        let mail = RecoveryMail(event: event, closed: closed, setting: mails)
        for (recipient, others) in recipients.withOthers {
            try MessageTable.insert(
                NewMessage(
                    messageID: randomness.makeID(), merchantID: event.merchantID, incidentID: nil, purpose: .recovery,
                    cause: "recovery/\(event.runID)", closedByRun: event.runID, recipient: recipient,
                    mail: mail.text(in: recipient.language, others: others), createdAt: now), db)
        }
    }
}

extension [RecipientChoice] {
    /// Each with the addresses of all others.
    fileprivate var withOthers: [(recipient: RecipientChoice, others: [String])] {
        map { recipient in (recipient, map(\.address).filter { $0 != recipient.address }) }
    }
}

extension NoticeKind {
    fileprivate init(_ kind: ConnectionNotice.Kind) {
        switch kind {
        case .runStalled: self = .importStalled
        case .setOutdated: self = .setOutdated
        }
    }

    /// Not what somebody has allowed, and not a standstill, whose run will end one way or another.
    fileprivate var isRemindedOf: Bool { self != .importTolerated && self != .importStalled }

    /// Whether the provider's support is told too, where a merchant's list leaves it out.
    var concernsSupport: Bool { self == .importStalled || self == .shadowEnded }
}

extension RunReport {
    /// Whether it was published, or found to be at the shop, although items are missing.
    var isWithinTolerance: Bool { outcome.isSuccess && tolerance?.isUsed == true }
}

extension RunFinished {
    /// The same run as what is to be known of it: items are missing, as many as may be.
    fileprivate var tolerated: RunFinished {
        var event = self
        event.report.reason = "run_within_tolerance"
        event.report.arguments["tolerance"] = report.tolerance.map { "\($0.allowed)" }
        event.report.arguments["lacking"] = report.tolerance.map { "\($0.lacking)" }
        return event
    }

    /// The same run as what it led to: the connection was parked.
    fileprivate func parking(after tries: Int) -> RunFinished {
        var event = self
        event.report.reason = "connection_parked"
        event.report.arguments["tries"] = "\(tries)"
        return event
    }
}
