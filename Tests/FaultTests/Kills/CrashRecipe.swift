import CoreTypes
import TestInstallation

/// How a service is made to pass one of its crash points, with everything around it really running.
struct CrashRecipe: Sendable {
    typealias Step = @Sendable (CrashLane) async throws -> Void

    /// While all services run.
    var arrange: Step = { _ in }
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

    /// The recipe of a point; a plain import where the table has none.
    static func recipe(for point: String) -> CrashRecipe {
        let name = point.replacing(".uncommitted", with: "").replacing(".committed", with: "")
        return scheduler[name] ?? others[name] ?? importer[point] ?? .importRun
    }

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
        "monitor.setMonitoring": .call { try await $0.toggleMonitoring() },
        "billing.setPlan": .call { try await $0.setPlan() },
        "notifier.recipients": .call { try await $0.setRecipients() },
        "notifier.sendTest": .call { try await $0.sendTest() },
        "notifier.resend": CrashRecipe(
            arrange: { try await $0.parkMail() }, provoke: { try await $0.resendParked() }),
        "notifier.reminder": CrashRecipe(
            arrange: { try await $0.openIncident() }, whileStopped: { try $0.makeReminderDue() },
            provoke: { _ in }, tidy: { try await $0.repairSource() }),
        "notifier.forget": CrashRecipe(whileStopped: { try $0.answerLongAgo() }, provoke: { _ in }),
        "notifier.claim": .refusedImport, "notifier.answer": .refusedImport, "notifier.sent": .refusedImport,
    ]

    private static let importer: [String: CrashRecipe] = [
        "importer.page.swept": CrashRecipe(
            arrange: { try await $0.changeSourceWhileReading() }, provoke: { try await $0.startImport() },
            tidy: { try await $0.repairSource() }),
        "importer.shopList.recorded": CrashRecipe(
            whileStopped: { try $0.losePublishedSets() }, provoke: { try await $0.startImport() }),
        "importer.recovery.aborted": .afterCrash(at: "importer.session.recorded"),
        "importer.recovery.discarded": .afterCrash(at: "importer.page.staged"),
        "importer.recovery.recognised": .afterCrash(at: "importer.commit.answered"),
        "importer.recovery.recorded": .afterCrash(at: "importer.commit.recorded"),
        "importer.readBack.forgotten": CrashRecipe(
            arrange: { try await $0.loseRowsAtBystander() }, provoke: { try await $0.startBystander() },
            tidy: { try await $0.settleBystander() }),
    ]

    /// A point on the way of recovery: the importer has to be ended once before.
    private static func afterCrash(at first: String) -> CrashRecipe {
        CrashRecipe(
            arrange: { lane in
                try await lane.world.installation.kill("importer")
                let crashing = try await lane.world.installation.start("importer", adding: ["CRASH_AT": "\(first):1"])
                try await lane.startImport()
                let ending = try await crashing.ending()
                guard ending == .exited(137) else { throw Installation.Failure(text: "\(first): \(ending)") }
            }, provoke: { _ in })
    }
}
