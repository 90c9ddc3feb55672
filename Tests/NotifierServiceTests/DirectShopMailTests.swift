import CoreTypes
import NotifierAPI
import SchedulerAPI
import TestSupport
import Testing
import Texts

@testable import NotifierService

/// What the mail says of a shop where each row is live as soon as it is sent.
@Suite struct DirectShopMailTests {
    private func text(
        _ outcome: RunOutcome, _ reason: String, _ kind: NoticeKind, _ pushed: PushedRows?,
        _ language: Language = .english
    ) -> String {
        let event = RunFinished.ended(outcome, reason) { event in
            event.report.pushed = pushed
            event.report.arguments["target"] = event.targetName
            event.report.arguments["planned"] = pushed.map { "\($0.planned)" }
            event.report.arguments["applied"] = pushed.map { "\($0.applied)" }
            event.report.arguments["stillLive"] = pushed.map { "\($0.live)" }
        }
        return RunMail(
            event: event, kind: kind, incident: .example, setting: MailSetting(zone: .utc, supportAddress: nil)
        ).text(in: language, others: []).text
    }

    @Test func `a lost run says how much is live, that it is brought to its end, and what all or nothing means there`()
    {
        let half = PushedRows(planned: 500, applied: 412)
        let english = text(.lost, "run_lost_half_published", .importLost, half)
        for part in [
            "412 of 500 rows were live", "A part of the import is in Webshop already.",
            "also while the connection is switched off", "All or nothing means here",
        ] { #expect(english.contains(part), "\(part)") }
        #expect(!english.contains("Nothing was uploaded"))
        let danish = text(.lost, "run_lost_half_published", .importLost, half, .danish)
        for part in ["412 af 500 rækker", "En del af importen", "også når forbindelsen er slået fra", "Alt eller"] {
            #expect(danish.contains(part), "\(part)")
        }
    }

    @Test func `what was put back is told as the shop of before`() {
        let back = PushedRows(planned: 500, applied: 412, reverted: 412)
        let text = text(.failed, "run_push_taken_back", .importFailed, back)
        #expect(text.contains("412 rows are again what they were before"))
        #expect(text.contains("have been put back"))
        #expect(text.contains("All or nothing means here"))
    }

    @Test func `whoever decides on a held import reads what all or nothing means, others are spared it`() {
        let held = text(.held, "run_held_drop_guard", .importHeld, PushedRows(planned: 500, applied: 0))
        #expect(held.contains("All or nothing means here"))
        #expect(!text(.held, "run_held_drop_guard", .importHeld, nil).contains("All or nothing"))
    }
}
