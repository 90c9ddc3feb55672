import CoreTypes
import Foundation
import SchedulerAPI
import ServiceRuntime
import Synchronization

/// Shows how far a run is: one line that is written over on a terminal, a line per phase elsewhere.
final class ProgressBar: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let shown = Mutex<Shown?>(nil)
    private let texts: TextLookup
    private let toldFields = Mutex<Set<String>>([])

    init(_ texts: TextLookup) { self.texts = texts }

    func show(_ progress: RunProgress) {
        tellFields(progress)
        if isTerminal {
            write("\r\u{1B}[2K" + line(progress))
        } else if shown.withLock({ shown in
            let now = Shown(phase: progress.phase, isStalled: progress.stalledSince != nil)
            defer { shown = now }
            return shown != now
        }) {
            write(line(progress) + "\n")
        }
    }

    /// Fields of the source that are otherwise than before, each once: they are known before anything is published.
    private func tellFields(_ progress: RunProgress) {
        for line in newFields(progress) { write((isTerminal ? "\r\u{1B}[2K" : "") + line + "\n") }
    }

    /// Sentences about fields that were not told of yet.
    func newFields(_ progress: RunProgress) -> [String] {
        (progress.sourceChanges ?? []).compactMap { change in
            guard toldFields.withLock({ $0.insert(change.field).inserted }) else { return nil }
            return "!  " + texts.sentence(change).singleLine
        }
    }

    /// What a line was last written for, where lines are not written over.
    private struct Shown: Equatable {
        var phase: RunPhase
        var isStalled: Bool
    }

    func end() {
        if isTerminal { write("\r\u{1B}[2K") }
    }

    /// Fetched of expected, page, rate and time left; or since when nothing has moved.
    func line(_ progress: RunProgress) -> String {
        let stalled = progress.stalledSince.map { ", stalled since \($0.local)" } ?? ""
        return figures(progress) + (stalled.isEmpty ? speed(progress) : stalled)
    }

    /// Rate and time left, of steps that count something.
    private func speed(_ progress: RunProgress) -> String {
        switch progress.phase {
        case .extracting, .sweeping, .publishing, .reverting:
            let rate = progress.itemsPerMinute.flatMap { $0 > 0 ? ", \($0) a minute" : nil } ?? ""
            return rate + (progress.secondsLeft.map { ", \(Duration.seconds($0).short) left" } ?? "")
        default: return ""
        }
    }

    private func figures(_ progress: RunProgress) -> String {
        let phase = texts.word(progress.phase).padded(to: 22)
        switch progress.phase {
        case .extracting, .sweeping:
            guard let expected = progress.expected, expected > 0 else {
                return "\(phase) \(progress.fetched) items, page \(progress.page)"
            }
            return "\(phase) \(bar(progress.fetched, of: expected)) \(progress.fetched) of \(expected) items, "
                + "page \(progress.page)"
        case .publishing, .reverting:
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
