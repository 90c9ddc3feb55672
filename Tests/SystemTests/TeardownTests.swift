import Foundation
import TestInstallation
import TestSupport
import Testing

@Suite struct TeardownTests {
    @Test func `an installation that a test forgets takes all its processes and files with it`() async throws {
        var installation: Installation? = try await Installation()
        let services = ["scheduler", "importer", "monitor", "notifier", "billing", "sandbox"]
        let processes = try services.map { try #require(installation).processID($0) }
        let folder = try #require(installation).folder.path
        for process in processes { #expect(kill(process, 0) == 0) }

        installation = nil
        for process in processes {
            let ending = try await Ending.of(process, within: .seconds(10))
            #expect(ending == .gone)
        }
        for _ in 0..<500 where FileManager.default.fileExists(atPath: folder) {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
    }
}
