import CoreTypes
import Foundation
import Keys
import TestSupport
import Testing

@Suite struct SealingTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try KeySet.create(in: folder.path)
    }

    private func sealingKey() throws -> SealingKey {
        try SealingKey(rawRepresentation: try KeyFile.read(folder.file("sealing.key")))
    }

    private func publicKey() throws -> SealingPublicKey {
        try SealingPublicKey(rawRepresentation: try KeyFile.read(folder.file("sealing.pub")).reveal())
    }

    @Test func `sealed credentials open with the importers' key, for the system they were sealed for`() throws {
        let sealed = try publicKey().seal(Secret(Array("hunter2".utf8)), boundTo: "merchant/sap/https://a")
        let opened = try sealingKey().open(sealed, boundTo: "merchant/sap/https://a")
        #expect(String(decoding: opened.reveal(), as: UTF8.self) == "hunter2")
        #expect(try sealed.keyID == sealingKey().id)
    }

    @Test func `credentials do not open for another host`() throws {
        let sealed = try publicKey().seal(Secret(Array("hunter2".utf8)), boundTo: "merchant/sap/https://a")
        #expect(throws: KeyError.cannotOpen) { try sealingKey().open(sealed, boundTo: "merchant/sap/https://evil") }
    }

    @Test func `no changed byte opens`() throws {
        let sealed = try publicKey().seal(Secret(Array("hunter2".utf8)), boundTo: "x")
        let key = try sealingKey()
        for index in sealed.ciphertext.indices {
            var changed = sealed
            changed.ciphertext[index] ^= 1
            #expect(throws: KeyError.cannotOpen) { try key.open(changed, boundTo: "x") }
        }
    }

    @Test func `a signature holds for its message and its key only`() throws {
        let key = try SigningKey(rawRepresentation: try KeyFile.read(folder.file("verdict-signing.key")))
        let verifying = try VerifyingKey(
            rawRepresentation: try KeyFile.read(folder.file("verdict-verifying.key")).reveal())
        let message = Array("complete".utf8)
        let signature = key.sign(message)
        #expect(verifying.id == key.id)
        #expect(verifying.isValid(signature, for: message))
        #expect(!verifying.isValid(signature, for: Array("incomplete".utf8)))
        let other = try SigningKey(rawRepresentation: Secret([UInt8](repeating: 7, count: 32)))
        #expect(!other.verifyingKey.isValid(signature, for: message))
    }

    @Test func `a secret at rest opens only in its own place`() throws {
        let key = try EnvelopeKey(rawRepresentation: try KeyFile.read(folder.file("envelope.key")))
        let sealed = key.seal(Secret(Array("hunter2".utf8)), for: "mailServer/1/password")
        #expect(try key.open(sealed, for: "mailServer/1/password").reveal() == Array("hunter2".utf8))
        #expect(throws: KeyError.cannotOpen) { try key.open(sealed, for: "mailServer/2/password") }
        #expect(key.seal(Secret([1]), for: "a") != key.seal(Secret([1]), for: "a"))
    }

    @Test func `private key files are readable by their owner only, and never overwritten`() throws {
        for name in ["verdict-signing.key", "sealing.key", "envelope.key"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        let before = try KeyFile.read(folder.file("sealing.key")).reveal()
        #expect(throws: KeyError.exists(path: folder.file("verdict-signing.key"))) {
            try KeySet.create(in: folder.path)
        }
        #expect(try KeyFile.read(folder.file("sealing.key")).reveal() == before)
    }

    @Test func `a file that holds no key says what to do`() throws {
        try "not a key".write(toFile: folder.file("bad.key"), atomically: true, encoding: .utf8)
        let error = #expect(throws: KeyError.self) { try KeyFile.read(folder.file("bad.key")) }
        #expect(error?.description.contains("sluice keys create") == true)
    }
}
