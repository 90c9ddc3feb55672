import CoreTypes
import SchedulerAPI
import TestInstallation

/// How a service is made to pass one of its crash points, with everything around it really running.
struct CrashRecipe: Sendable {
    typealias Step = @Sendable (CrashLane) async throws -> Void

    /// While all services run.
    var arrange: Step = { _ in }
    /// Variables of the process that will crash.
    var variables: @Sendable (CrashLane) -> [String: String] = { _ in [:] }
    /// While the service that will crash is stopped: its database may be touched.
    var whileStopped: Step = { _ in }
    /// With the crash armed. It goes on while the service is down, and ends when the service is back.
    var provoke: Step
    /// When everything runs again.
    var tidy: Step = { _ in }
}

extension CrashRecipe {
    /// An import of a changed source: what most points lie on.
    static let importRun = CrashRecipe(provoke: { try await $0.startImport() })

    /// An import that is refused, so that mails go out.
    static let refusedImport = CrashRecipe(
        arrange: { try await $0.breakSource() }, provoke: { try await $0.startImport() },
        tidy: { lane in
            _ = try await lane.world.idle(lane.merchant)
            try await lane.repairSource()
        })

    /// One call that the crash may cut; sent again under the same key, it is to be carried out once.
    static func call(_ provoke: @escaping Step) -> CrashRecipe { CrashRecipe(provoke: provoke) }

    /// The recipe of a crash; a plain import where the tables have none.
    static func recipe(for crash: Crash) -> CrashRecipe {
        switch crash.work {
        case .usual:
            let name = crash.point.replacing(".uncommitted", with: "").replacing(".committed", with: "")
            return scheduler[name] ?? others[name] ?? importer[crash.point] ?? .direct(crash.point) ?? .importRun
        case .rollback: return recovered(crash, within: rollBack)
        case .release: return recovered(crash, within: release)
        case .directRollback: return directRollBack
        case .leftover: return crash.service == "importer" ? leftover : leftoverToScheduler
        }
    }

    private static func recovered(_ crash: Crash, within recipe: CrashRecipe) -> CrashRecipe {
        beforeRecovery[crash.point].map { afterCrash(at: $0, recipe) } ?? recipe
    }

    private static let rollBack = CrashRecipe(
        provoke: { try await $0.drill.startRollBack() }, tidy: { try await $0.drill.settleRollBack() })

    private static let release = CrashRecipe(
        arrange: { lane in
            try await lane.holdImport()
            try await lane.approveHeld()
        }, provoke: { try await $0.releaseHeld() }, tidy: { try await $0.settleRelease() })

    private static let directRollBack = CrashRecipe(
        arrange: { lane in
            // One before may have finished what an earlier one had begun: two sets of runs that published them.
            for _ in 1...2 { try await lane.direct.publishNext() }
        }, provoke: { try await $0.direct.startRollBack() }, tidy: { try await $0.direct.settleRollBack() })

    /// The importer is back, asks for a run, and crashes while that is at work.
    private static let leftover = CrashRecipe(
        arrange: { try await $0.leaveHalfDone() }, provoke: { _ in },
        tidy: { try await $0.direct.settleLeftover() })

    /// The scheduler crashes when it is asked.
    private static let leftoverToScheduler = CrashRecipe(
        arrange: { try await $0.leaveHalfDone() },
        provoke: { try await $0.world.restart("importer") }, tidy: { try await $0.direct.settleLeftover() })

    private static let scheduler: [String: CrashRecipe] = [
        "scheduler.due": CrashRecipe(
            whileStopped: { try $0.makeDue() }, provoke: { _ in }),
        "scheduler.sweep": CrashRecipe(
            whileStopped: { try $0.stopSchedule() }, provoke: { _ in }),
        "scheduler.lost": CrashRecipe(
            arrange: { try await $0.slowSource() }, provoke: { try await $0.loseRun() },
            tidy: { try await $0.repairSource() }),
        "scheduler.releaseConnection": CrashRecipe(
            whileStopped: { try $0.park() }, provoke: { try await $0.release() }),
        "scheduler.setFreeze": .call { try await $0.toggleFreeze() },
        "scheduler.rollBack": rollBack,
        "scheduler.releaseRun": release,
        "scheduler.refuseRun": CrashRecipe(
            arrange: { try await $0.holdImport() }, provoke: { try await $0.refuseHeld() },
            tidy: { try await $0.settleRefusal() }),
        "scheduler.createMerchant": .call { try await $0.addMerchant() },
        "scheduler.createSystem": .call { try await $0.addMerchant() },
        "scheduler.createConnection": .call { try await $0.addMerchant() },
        "scheduler.updateSystem": .call { try await $0.updateSystem() },
        "scheduler.updateConnection": .call { try await $0.updateConnection() },
        "scheduler.setSwitch": .call { try await $0.toggleSwitch() },
        "scheduler.cancelRun": CrashRecipe(
            arrange: { try await $0.slowSource() }, provoke: { try await $0.cancelRun() },
            tidy: { try await $0.repairSource() }),
    ]

    private static let others: [String: CrashRecipe] = [
        "monitor.changePolicy": .call { try await $0.toggleMonitoring() },
        "monitor.approve": CrashRecipe(
            arrange: { try await $0.holdImport() }, provoke: { try await $0.approveHeld() },
            tidy: { try await $0.repairSource() }),
        "billing.setPlan": .call { try await $0.setPlan() },
        "notifier.recipients": .call { try await $0.setRecipients() },
        "notifier.sendTest": .call { try await $0.sendTest() },
        "notifier.resend": CrashRecipe(
            arrange: { try await $0.parkMail() }, provoke: { try await $0.resendParked() }),
        "notifier.reminder": CrashRecipe(
            arrange: { try await $0.openIncident() }, whileStopped: { try $0.makeReminderDue() },
            provoke: { _ in }, tidy: { try await $0.repairSource() }),
        "notifier.clockStep": CrashRecipe(
            variables: { $0.probe.variables() }, provoke: { try await $0.setClock(by: 120, of: "notifier") },
            tidy: { try $0.resetClock() }),
        "notifier.forget": CrashRecipe(whileStopped: { try $0.answerLongAgo() }, provoke: { _ in }),
        "notifier.claim": .refusedImport, "notifier.answer": .refusedImport, "notifier.sent": .refusedImport,
    ]

    private static let importer: [String: CrashRecipe] = [
        "importer.page.swept": CrashRecipe(
            arrange: { try await $0.changeSourceWhileReading() }, provoke: { try await $0.startImport() },
            tidy: { try await $0.repairSource() }),
        "importer.shopList.recorded": CrashRecipe(
            whileStopped: { try $0.losePublishedSets() }, provoke: { try await $0.startImport() }),
        // Somebody else takes the shop back to an older set: while ours is uploaded, and when the commit is on its way.
        "importer.upload.outdated": CrashRecipe(
            arrange: { try await $0.slowBystandersShop(milliseconds: 250) },
            provoke: { try await $0.meddle(with: .stock, atStep: "uploading") },
            tidy: { try await $0.settleBystander() }),
        "importer.displaced.forgotten": CrashRecipe(
            arrange: { try await $0.slowBystandersShop(milliseconds: 250) },
            provoke: { try await $0.meddle(with: .prices, atStep: "committing") },
            tidy: { try await $0.settleBystander() }),
        // The shop falls silent with the commit.
        "importer.doubt.recorded": CrashRecipe(
            arrange: { try await $0.slowBystandersShop(milliseconds: 250) },
            provoke: { try await $0.silenceShopAtCommit() }, tidy: { try await $0.settleBystander() }),
        // A source that does not say how many items it has cannot be judged: a person decides.
        "importer.held.recorded": CrashRecipe(
            arrange: { try await $0.hideCount() }, provoke: { try await $0.startImport() },
            tidy: { try await $0.repairSource() }),
        "importer.recovery.aborted": recoveryOfImport("importer.recovery.aborted"),
        "importer.recovery.discarded": afterCrash(at: "importer.page.staged", importRun),
        "importer.recovery.recognised": recoveryOfImport("importer.recovery.recognised"),
        "importer.recovery.recorded": recoveryOfImport("importer.recovery.recorded"),
        "importer.readBack.forgotten": CrashRecipe(
            arrange: { try await $0.loseRowsAtBystander() }, provoke: { try await $0.startBystander() },
            tidy: { try await $0.settleBystander() }),
    ]

    /// Where the importer has to be ended so that the process after it passes a point of recovery.
    private static let beforeRecovery = [
        "importer.recovery.aborted": "importer.session.recorded",
        "importer.recovery.recognised": "importer.commit.answered",
        "importer.recovery.recorded": "importer.commit.recorded",
    ]

    private static func recoveryOfImport(_ point: String) -> CrashRecipe {
        afterCrash(at: beforeRecovery[point] ?? "", importRun)
    }

    /// A point on the way of recovery: the importer has to be ended once before, at work on what `recipe` provokes.
    private static func afterCrash(at first: String, _ recipe: CrashRecipe) -> CrashRecipe {
        CrashRecipe(
            arrange: { lane in
                try await recipe.arrange(lane)
                try await lane.endImporter(at: first) { try await recipe.provoke(lane) }
            }, provoke: { _ in }, tidy: recipe.tidy)
    }

    // MARK: Row by row

    /// The recipe of a point that only an import to a shop without staging passes; nil for others.
    private static func direct(_ point: String) -> CrashRecipe? {
        if let known = directPoints[point] { return known }
        return point.hasPrefix("importer.push.") || point.hasPrefix("importer.rows.") ? pushed() : nil
    }

    private static let directPoints: [String: CrashRecipe] = [
        // The shop is away in the middle; the importer waits for it.
        "importer.push.suspended": pushed { try await $0.direct.breakBatches() },
        // A run is lost half done, and the next one begins with what it left.
        "importer.push.earlierEnded": CrashRecipe(
            arrange: { try await $0.loseDirectRun() }, provoke: { _ in }, tidy: { try await $0.direct.settle() }),
        // A row is refused, and all are taken back.
        "importer.revert.intended": reverted, "importer.revert.begun": reverted,
        "importer.rows.revertIntended": reverted, "importer.rows.reverted": reverted,
        "importer.rows.revertRecorded": reverted,
    ]

    private static let reverted = CrashRecipe(
        arrange: { try await $0.direct.refuseRow() }, provoke: { try await $0.direct.startNext() },
        tidy: { try await $0.direct.settle() })

    private static func pushed(after arrange: @escaping Step = { _ in }) -> CrashRecipe {
        CrashRecipe(
            arrange: arrange, provoke: { try await $0.direct.startNext() },
            tidy: { lane in
                try await lane.direct.repair()
                try await lane.direct.settle()
            })
    }
}
