import CoreTypes
import Foundation
import JSON
import Keys
import MonitorAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import ImporterService

@Suite struct VerdictCheckTests {
    private let clock = ManualClock(start: .example)
    private let key: SigningKey
    private let check: VerdictCheck

    init() throws {
        key = try SigningKey(rawRepresentation: Secret(Array(repeating: 7, count: 32)))
        check = VerdictCheck(keys: [key.verifyingKey], wallClock: clock.wallClock)
    }

    private func sign(_ body: VerdictBody, with key: SigningKey? = nil) throws -> SignedVerdict {
        let key = key ?? self.key
        let text = try JSON.encodeText(body)
        let signature = Data(key.sign(Array(text.utf8))).base64EncodedString()
        return SignedVerdict(body: text, signature: signature, keyID: key.id)
    }

    @Test func `the monitor's verdict on this very evidence is taken`() throws {
        #expect(try check.open(sign(.example), for: .example) == .example)
    }

    @Test func `one changed byte is refused`() throws {
        var signed = try sign(.example(.incomplete))
        signed.body = signed.body.replacingOccurrences(of: "incomplete", with: "complete")
        #expect(throws: VerdictFault.signature) { try check.open(signed, for: .example) }
    }

    @Test func `another key is refused, also under the monitor's name`() throws {
        let other = try SigningKey(rawRepresentation: Secret(Array(repeating: 8, count: 32)))
        var signed = try sign(.example, with: other)
        #expect(throws: VerdictFault.unknownKey(other.id)) { try check.open(signed, for: .example) }
        signed.keyID = key.id
        #expect(throws: VerdictFault.signature) { try check.open(signed, for: .example) }
    }

    @Test func `a verdict on another run, claim, reading, connection or staged set is refused`() throws {
        func refused(_ word: String, _ change: (inout VerdictBody) -> Void) throws {
            var body = VerdictBody.example
            change(&body)
            let signed = try sign(body)
            #expect(throws: VerdictFault.other(word)) { try check.open(signed, for: .example) }
        }
        try refused("run") { $0.runID = RunID(bytes: (1, 1)) }
        try refused("connection") { $0.connectionID = ConnectionID(bytes: (1, 1)) }
        try refused("claim") { $0.fencingToken += 1 }
        try refused("reading") { $0.attempt += 1 }
        try refused("staged set") { $0.stagedDigest = "01" }
    }

    @Test func `a verdict holds until it expires, and not at that moment`() throws {
        let signed = try sign(.example)
        clock.advance(by: .seconds(900) - .milliseconds(1))
        #expect(throws: Never.self) { try check.open(signed, for: .example) }
        clock.advance(by: .milliseconds(1))
        #expect(throws: VerdictFault.expired) { try check.open(signed, for: .example) }
    }
}
