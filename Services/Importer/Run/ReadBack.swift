import Connectors
import SchedulerAPI
import Staging

/// What the shop shows after a commit, beside what was staged.
struct ReadBack: Sendable, Equatable {
    struct Dataset: Sendable, Equatable {
        /// What was made live.
        var upload: PlannedUpload
        var committed: LiveDataset
        /// What the shop shows now.
        var live: LiveDataset
        var keys: Keys

        var module: Module { upload.module }
        /// Whether our version is live and has as many rows as were published.
        var isCountRight: Bool { live.count == upload.total && live.version == committed.version }

        var isRight: Bool {
            if case .differ = keys { return false }
            return isCountRight
        }
    }

    enum Keys: Sendable, Equatable {
        case equal
        case differ(KeyDifference)
        /// The shop gives no list of keys, or it broke off.
        case unknown
    }

    var datasets: [Dataset]

    /// The first dataset that is not what was published.
    var firstWrong: Dataset? { datasets.first { !$0.isRight } }
    var live: [Module: LiveDataset] { Dictionary(uniqueKeysWithValues: datasets.map { ($0.module, $0.live) }) }
}

extension RunReport {
    /// A report of a publication, as it stands once the shop has been read back.
    ///
    /// - Parameter readBack: nil when it could not be, or what was published is not live any more.
    func noting(_ readBack: ReadBack?, target: String) -> RunReport {
        var report = self
        report.checksMade += checks(readBack, areMade: true)
        report.checksNotMade += checks(readBack, areMade: false)
        guard let readBack else { return report }
        for index in report.publication.indices {
            let live = readBack.live[report.publication[index].module]
            report.publication[index].live = live?.count ?? report.publication[index].live
            report.publication[index].version = live?.version ?? report.publication[index].version
        }
        guard let wrong = readBack.firstWrong else { return report }
        // Committed, yet the shop shows something else. Said loudly, and the next run sends everything again.
        report.outcome = .failed
        report.reason = RunReport.readBackDiffers
        report.failure = .shop
        let differences = readBack.datasets.filter { !$0.isRight }.map(ReadBackDifference.init)
        report.readBack = differences
        report.arguments["system"] = target
        report.arguments["detail"] = wrong.detail
        report.arguments.merge(ReadBackDifference(wrong).arguments) { _, new in new }
        return report
    }

    private func checks(_ readBack: ReadBack?, areMade: Bool) -> [String] {
        let madeKeys = readBack.map { !$0.datasets.contains { $0.keys == .unknown } } ?? false
        return [("check_read_back_count", readBack != nil), ("check_read_back_keys", madeKeys)]
            .filter { $0.1 == areMade }.map(\.0)
    }
}

extension ReadBack.Dataset {
    /// One line of plain figures.
    fileprivate var detail: String {
        var words = "after the commit \(module.rawValue) has \(live.count) rows, \(upload.total) were published"
        if live.version != committed.version {
            words += "; version \(live.version ?? "none") is live, \(committed.version ?? "none") was committed"
        }
        return words
    }
}

extension ReadBackDifference {
    fileprivate init(_ dataset: ReadBack.Dataset) {
        let (published, live) = (dataset.upload.total, dataset.live.count)
        self.init(
            module: dataset.module, published: published, live: live, missing: [],
            missingCount: max(0, published - live), unexpected: [], unexpectedCount: max(0, live - published))
        guard case .differ(let keys) = dataset.keys else { return }
        (missing, missingCount) = (keys.missing, keys.missingCount)
        (unexpected, unexpectedCount) = (keys.unexpected, keys.unexpectedCount)
    }

    /// What the sentence of the catalogue is filled with.
    fileprivate var arguments: [String: String] {
        [
            "module": module.rawValue, "lacking": "\(missingCount)", "extra": "\(unexpectedCount)",
            "lackingKeys": missing.isEmpty ? "–" : missing.joined(separator: ", "),
            "extraKeys": unexpected.isEmpty ? "–" : unexpected.joined(separator: ", "),
        ]
    }
}
