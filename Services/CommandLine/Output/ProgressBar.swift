import CoreTypes
import Foundation
import SchedulerAPI
import ServiceRuntime
import Synchronization

/// Shows how far a run is: one line that is written over on a terminal, a line per phase elsewhere.
final class ProgressBar: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let shownPhase = Mutex<RunPhase?>(nil)
    private let words: @Sendable (RunPhase) -> String

    init(words: @escaping @Sendable (RunPhase) -> String) { self.words = words }

    func show(_ progress: RunProgress) {
        if isTerminal {
            write("\r\u{1B}[2K" + line(progress))
        } else if shownPhase.withLock({ shown in
            defer { shown = progress.phase }
            return shown != progress.phase
        }) {
            write(line(progress) + "\n")
        }
    }

    func end() {
        if isTerminal { write("\r\u{1B}[2K") }
    }

    private func line(_ progress: RunProgress) -> String {
        let phase = words(progress.phase).padded(to: 22)
        switch progress.phase {
        case .extracting, .sweeping:
            guard let expected = progress.expected, expected > 0 else {
                return "\(phase) \(progress.fetched) items, page \(progress.page)"
            }
            return "\(phase) \(bar(progress.fetched, of: expected)) \(progress.fetched) of \(expected) items"
        case .publishing:
            guard let total = progress.toPublish, total > 0 else { return phase }
            return "\(phase) \(bar(progress.sent, of: total)) \(progress.sent) of \(total) rows"
        default: return phase
        }
    }

    private func bar(_ part: Int, of whole: Int) -> String {
        let filled = min(30, max(0, part * 30 / whole))
        return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: 30 - filled) + "]"
    }

    private func write(_ text: String) { StandardError.write(text) }
}
