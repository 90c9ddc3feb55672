import CoreTypes
import Foundation
import JSON
import Keys
import MonitorAPI
import SchedulerAPI
import TestSupport
import Testing

/// What somebody with nothing but a file and a public key can tell.
@Suite struct ReceiptVerifierTests {
    private let key: SigningKey
    private let verifier: ReceiptVerifier

    init() throws {
        key = try SigningKey(rawRepresentation: Secret(Array(repeating: 9, count: 32)))
        verifier = ReceiptVerifier(keys: [key.verifyingKey])
    }

    /// A chain of so many receipts, one a line.
    private func chain(_ count: Int, connection: ConnectionID = .example) throws -> [String] {
        var lines: [String] = []
        for number in 1...count {
            var event = RunFinished.ended(.published, reason: "run_published", minute: number)
            event.connectionID = connection
            event.merchantName = "Nørre Æbleskiver \u{1F6B2}"
            event.report.publication = [
                Publication(module: .prices, mode: "delta", created: 1, updated: 2, removed: 3, version: "v\(number)")
            ]
            var verdict = VerdictBody.example
            verdict.holds = [.example]
            verdict.approval = .example
            let receipt = Receipt(
                number: Int64(number), previous: lines.last.map(SignedReceipt.digest), of: event, evidence: .steady(),
                evidenceDigest: "00", verdict: verdict, monitorVersion: "1", at: event.finishedAt)
            lines.append(try SignedReceipt.line(of: receipt, signedWith: key))
        }
        return lines
    }

    private func file(_ lines: [String]) -> [UInt8] { Array(lines.map { $0 + "\n" }.joined().utf8) }

    private func fault(_ file: [UInt8]) -> ReceiptFault? {
        do throws(ReceiptFault) {
            _ = try verifier.check(file)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a whole chain is genuine, and says from where to where and how it ends`() throws {
        let lines = try chain(3)
        let chains = try verifier.check(file(lines))
        #expect(chains.count == 1)
        #expect(chains[0].first == 1)
        #expect(chains[0].last == 3)
        #expect(chains[0].head == SignedReceipt.digest(of: lines[2]))
        #expect(try verifier.check(file(Array(lines[1...])))[0].first == 2, "a part of a chain is one too")
    }

    /// Every byte of the file: one other value in every run, each bit in turn, and all of them with `--long`.
    @Test func `one changed byte anywhere is found`() throws {
        let good = file(try chain(1))
        let isLong = LongProof.count(0, long: 1) > 0
        var passed: [Int] = []
        for place in good.indices {
            for mask: UInt8 in isLong ? Array(1...255) : [1 << UInt8(place % 8)] {
                var bad = good
                bad[place] ^= mask
                if fault(bad) == nil { passed.append(place) }
            }
        }
        #expect(passed == [])
    }

    @Test func `one changed byte in a later receipt is found, and the line is named`() throws {
        let lines = try chain(2)
        let good = file(lines)
        for place in stride(from: lines[0].utf8.count + 1, to: good.count - 1, by: 97) {
            var bad = good
            bad[place] ^= 1
            #expect(fault(bad)?.description.contains("ine 2") == true)
        }
    }

    @Test func `a byte taken out or put in anywhere is found`() throws {
        let good = file(try chain(1))
        for place in stride(from: 0, to: good.count, by: LongProof.count(11, long: 1)) {
            var shorter = good
            shorter.remove(at: place)
            #expect(fault(shorter) != nil, "without byte \(place)")
            var longer = good
            longer.insert(UInt8(ascii: " "), at: place)
            #expect(fault(longer) != nil, "with a space at \(place)")
        }
        #expect(fault(good + [UInt8(ascii: "\n")]) != nil)
        #expect(fault([]) == .empty)
    }

    @Test func `a receipt missing, doubled or out of order is named`() throws {
        let lines = try chain(4)
        #expect(fault(file([lines[0], lines[1], lines[3]])) == .gap(line: 3, number: 4, before: 2))
        #expect(fault(file([lines[0], lines[0]])) == .gap(line: 2, number: 1, before: 1))
        #expect(fault(file([lines[1], lines[0]])) == .gap(line: 2, number: 1, before: 2))
    }

    @Test func `a receipt of another chain cannot take the place of one`() throws {
        let lines = try chain(3)
        var event = RunFinished.ended(.published, reason: "run_published", minute: 2)
        event.merchantName = "Another history"
        let other = Receipt(
            number: 2, previous: Digest.sha256([1]), of: event, evidence: .steady(), evidenceDigest: "00",
            verdict: .example, monitorVersion: "1", at: event.finishedAt)
        let forged = try SignedReceipt.line(of: other, signedWith: key)
        #expect(fault(file([lines[0], forged])) == .chain(line: 2, number: 2))
        #expect(fault(file([forged, lines[2]])) == .chain(line: 2, number: 3))
    }

    @Test func `receipts of two connections in one file are two chains`() throws {
        let other = ConnectionID(bytes: (1, 2))
        let (first, second) = (try chain(2), try chain(2, connection: other))
        let chains = try verifier.check(file([first[0], second[0], first[1], second[1]]))
        #expect(chains.map(\.last) == [2, 2])
        #expect(chains.map(\.connection) == ["\(ConnectionID.example)", "\(other)"])
    }

    @Test func `another key is named, not mistaken for a wrong signature`() throws {
        let lines = try chain(1)
        let other = try SigningKey(rawRepresentation: Secret(Array(repeating: 1, count: 32)))
        #expect(throws: ReceiptFault.otherKey(line: 1, keyID: key.id)) {
            try ReceiptVerifier(keys: [other.verifyingKey]).check(file(lines))
        }
        // Both keys, while they were being changed.
        _ = try ReceiptVerifier(keys: [other.verifyingKey, key.verifyingKey]).check(file(lines))
    }

    @Test func `the same content in another spelling is not taken`() throws {
        let line = try chain(1)[0]
        let spaced = line.replacing(",\"type\":", with: ", \"type\":")
        #expect(spaced != line)
        #expect(fault(file([spaced])) == .notCanonical(line: 1))
        let escaped = line.replacing("run_published", with: "run\\u005fpublished")
        #expect(fault(file([escaped])) == .notCanonical(line: 1))
    }

    @Test func `what is signed but no receipt is not taken for one`() throws {
        let body = JSONValue.object([("connectionID", .string("x")), ("verdict", .string("complete"))])
        let signature = Data(key.sign(try CanonicalJSON.bytes(of: body))).base64EncodedString()
        let document = JSONValue.object([
            ("keyID", .string(key.id)), ("receipt", body), ("signature", .string(signature)),
        ])
        let line = String(decoding: try CanonicalJSON.bytes(of: document), as: UTF8.self)
        #expect(fault(file([line])) == .notAReceipt(line: 1))
    }
}
