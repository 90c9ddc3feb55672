import ArgumentParser
import CoreTypes
import Foundation
import ImporterAPI
import JSON
import Keys
import RPC
import SchedulerAPI

/// What credentials are bound to: they open for this merchant, this kind of system and this address only.
struct Placement {
    var merchantID: MerchantID
    var kind: SystemKind
    var baseURL: String

    var context: String { "\(merchantID)/\(kind.rawValue)/\(baseURL)" }
}

/// Credentials are read from standard input or a file, never from the command line, which other users can see.
struct CredentialOptions: ParsableArguments {
    @Option(help: "The user name (SAP Business One).") var user: String?
    @Option(
        help: ArgumentHelp(
            "File whose first line is the password or API key; '-' for standard input.", valueName: "file"))
    var secretFile = "-"

    func sealed(for placement: Placement, _ session: Session) async throws -> SealedText {
        let secret = try readSecret()
        let plaintext = try text(secret, for: placement.kind)
        let answer = try await session.call(FetchSealingKey())
        guard let bytes = Data(base64Encoded: answer.publicKey) else {
            throw KeyError.malformed("the importer's public key")
        }
        let sealed = try SealingPublicKey(rawRepresentation: Array(bytes)).seal(
            plaintext, boundTo: placement.context)
        return SealedText(
            keyID: sealed.keyID, encapsulatedKey: Data(sealed.encapsulatedKey).base64EncodedString(),
            ciphertext: Data(sealed.ciphertext).base64EncodedString())
    }

    private func text(_ secret: Secret<String>, for kind: SystemKind) throws -> Secret<[UInt8]> {
        switch kind {
        case .sapBusinessOne:
            guard let user else { throw ValidationError("SAP Business One needs --user.") }
            return Secret(try JSON.encode(["user": user, "password": secret.reveal()]))
        case .genericWebshop, .directWebshop:
            return Secret(try JSON.encode(["apiKey": secret.reveal()]))
        }
    }

    private func readSecret() throws -> Secret<String> {
        let text = secretFile == "-" ? readStandardInput() : try? String(contentsOfFile: secretFile, encoding: .utf8)
        guard let line = text?.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).first, !line.isEmpty
        else {
            throw ValidationError("No password or API key was given. Pipe it in, or name a file with --secret-file.")
        }
        return Secret(String(line))
    }

    /// On a terminal what is typed does not show.
    private func readStandardInput() -> String? {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return readLine() }
        Output.complain("Type the password or API key, then Enter; it does not show.")
        let shown = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        defer { withUnsafePointer(to: shown) { _ = tcsetattr(STDIN_FILENO, TCSANOW, $0) } }
        return readLine()
    }
}
