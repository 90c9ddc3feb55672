import BillingAPI
import CoreTypes
import Foundation
import RPC
import RPCTransport
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// A disk with no room left: refused in words, readable all the while, and no person needed once there is room.
    @Suite(.enabled(if: Mounts.arePossible, Comment(rawValue: Mounts.condition)))
    struct FullDiskTests {
        @Test(.timeLimit(.minutes(5)))
        func `a full disk refuses writes with what to do, loses nothing, and goes on by itself`() async throws {
            let world = try await World()
            _ = try await world.installation.end("billing", with: SIGTERM)
            let disk = try await SmallDisk(at: world.installation.folder.file("state/data/billing"), megabytes: 8)
            let process = try await world.installation.start("billing")
            _ = try await world.calls.ready("billing")

            let load = PlanLoad(world.calls)
            try await load.run {
                try await load.acknowledges(50)
                try await disk.fill()
                try await load.isRefused(20)
            }
            // What a caller is told.
            #expect(Set(load.refusals.map(\.reason)) == ["storage_full"])
            #expect(Set(load.refusals.map(\.status)) == [.resourceExhausted])

            // It stays up and reads; its health and its log say why it does not write.
            let report = try await eventually("the alarm in the service's health", within: .seconds(10)) {
                let report = try await world.calls.newClient(of: "billing").call(CheckHealth())
                return report.isReady ? nil : report
            }
            #expect(report.isDatabaseUsable == false)
            #expect(report.notes.contains { $0.contains("full") && $0.contains("Make room") })
            let log = world.installation.folder.file("state/log/billing.log")
            _ = try await eventually("the alarm in the log", within: .seconds(10)) {
                let text = try String(contentsOfFile: log, encoding: .utf8)
                return text.contains("The service is not ready.") ? true : nil
            }
            #expect(try await load.isReadable())

            // Nobody calls: it looks by itself.
            let start = ContinuousClock.now
            try await disk.empty()
            _ = try await eventually("the end of the alarm", within: .seconds(10)) {
                let text = try String(contentsOfFile: log, encoding: .utf8)
                return text.contains("The service is ready again.") ? true : nil
            }
            try await load.run { try await load.acknowledges(10) }
            let waited = ContinuousClock.now - start
            #expect(waited < .seconds(10))
            #expect(try world.installation.processID("billing") == process.id)

            _ = try await world.installation.end("billing", with: SIGTERM)
            #expect(
                try PlanLoad.problems(of: "\(disk.place)/billing.sqlite", acknowledged: load.acknowledged) == [])
            print("full disk:", load.acknowledged.count, "stored,", load.refusals.count, "refused; on again in", waited)
            try await disk.remove()
            try await world.installation.stop()
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["scheduler", "importer", "monitor", "notifier", "billing"])
        func `a service that starts on a full disk says what to do, and starts when there is room`(_ service: String)
            async throws
        {
            let world = try await World()
            let log = world.installation.folder.file("state/log/\(service).log")
            try await world.installation.end(service, with: SIGTERM)
            let disk = try await SmallDisk(at: world.installation.folder.file("state/data/\(service)"), megabytes: 8)
            // First with no file yet; then with one, as after years.
            for isNew in [true, false] {
                try await disk.fill()
                let before = try String(contentsOfFile: log, encoding: .utf8).count
                let process = try await world.installation.start(service)
                let ending = try await eventually("\(service) ending, or telling its health") { () -> Ending?? in
                    if let ending = try? await process.ending(within: .milliseconds(30)) { return ending }
                    let client = world.calls.newClient(of: service)
                    let report = try? await client.call(CheckHealth(), options: CallOptions(timeout: .seconds(2)))
                    await client.shutDown()
                    guard let report, !report.isReady else { return nil }
                    #expect(report.notes.contains { $0.contains("full") && $0.contains("Make room") })
                    return .some(nil)
                }
                // 74: whoever supervises it starts it again later.
                #expect(ending == nil || ending == .exited(74))
                let said = try await eventually("a word in the log") { () -> String? in
                    let said = String(try String(contentsOfFile: log, encoding: .utf8).dropFirst(before))
                    return said.contains("Make room") ? said : nil
                }
                #expect(said.contains("The disk of this service is full"))

                try await disk.empty()
                if ending != nil { try await world.restart(service) }
                _ = try await world.calls.ready(service, within: .seconds(10))
                print(service, isNew ? "with no file:" : "with a file:", ending.map { "\($0)" } ?? "waited for room")
                try await world.installation.end(service, with: SIGTERM)
            }
            try await world.restart(service)
            let merchant = try await world.addMerchant("room", items: 20)
            let started = try await world.publish(merchant)
            #expect(try await Audit(world: world, merchant: merchant).problems(acknowledged: started) == [])
            try await world.installation.stop()
            try await disk.remove()
        }

        /// 3 full disks in every run, 30 with `--long`.
        @Test(.timeLimit(.minutes(20)))
        func `imports that meet a full disk at the scheduler are ended, counted and mailed once`() async throws {
            let world = try await World()
            try await world.installation.end("scheduler", with: SIGTERM)
            let disk = try await SmallDisk(at: world.installation.folder.file("state/data/scheduler"), megabytes: 8)
            try await world.restart("scheduler")
            let merchant = try await world.addMerchant("outbox")
            var started = try await world.publish(merchant)
            let catalogue = try await ChangingCatalogue(world.systems, erp: merchant.erp)
            let random = Randomness.seeded(11)
            for moment in 1...LongProof.count(3, long: 30) {
                try await catalogue.advance(to: moment)
                started.append(try await world.startRun(merchant))
                // Anywhere from the claim to what is told to the other services at the end.
                try await Task.sleep(for: .milliseconds(Int(random.next() % 1200)))
                try await disk.fill()
                _ = try await eventually("the scheduler noticing", within: .seconds(15)) {
                    try await world.calls.newClient(of: "scheduler").call(CheckHealth()).isReady ? nil : true
                }
                try await disk.empty()
                _ = try await world.calls.ready("scheduler", within: .seconds(10))
                _ = try await world.idle(merchant)
            }
            started += try await world.publish(merchant)
            #expect(try await Audit(world: world, merchant: merchant).problems(acknowledged: started) == [])
            try await world.installation.stop()
            try await disk.remove()
        }

        @Test(.timeLimit(.minutes(5)))
        func `an import with no room for its items fails in words, leaves no file and works the next time`()
            async throws
        {
            let world = try await World()
            let merchant = try await world.addMerchant("full", items: 1000)
            _ = try await world.installation.end("importer", with: SIGTERM)
            let place = world.installation.folder.file("state/data/importer/staging")
            let disk = try await SmallDisk(at: place, megabytes: 1)
            try await disk.fill(leaving: 200)
            try await world.restart("importer")

            _ = try await world.startRun(merchant)
            let failed = try await world.idle(merchant)
            let report = try await world.run(failed.runID).report
            #expect(failed.outcome?.isSuccess == false)
            #expect(report?.failure == .internal)
            #expect(report?.arguments.values.contains { $0.contains("full") } == true, "\(String(describing: report))")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place).filter { $0 != "ballast" } == [])
            #expect(try await world.calls.ready("importer") < .seconds(5))

            try await disk.remove()
            _ = try await world.startRun(merchant)
            #expect(try await world.idle(merchant).outcome?.isSuccess == true)
            try await world.installation.stop()
        }
    }
}

/// A small file system in memory, which can really be full.
final class SmallDisk: Sendable {
    private let mounts: Mounts
    let place: String

    init(at place: String, megabytes: Int) async throws {
        self.place = place
        mounts = try Mounts(below: [URL(filePath: place).deletingLastPathComponent().path])
        try await mounts.run(
            #"mkdir -p "$1"; mount -t tmpfs -o "size=$2m" tmpfs "$1""#, [place, "\(megabytes)"])
    }

    /// - Parameter kilobytes: What stays free.
    func fill(leaving kilobytes: Int = 0) async throws {
        try await mounts.run(
            """
            dd if=/dev/zero of="$1/ballast" bs=4k status=none 2>/dev/null || true
            truncate -s "-$2K" "$1/ballast"
            """, [place, "\(kilobytes)"])
    }

    func empty() async throws { try await mounts.run(#"rm "$1/ballast""#, [place]) }

    func remove() async throws { try await mounts.unmount(place) }
}
