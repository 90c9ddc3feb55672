import Foundation
import TestCertificates
import Testing

@testable import TLS

/// The library reads its system-wide file once per process, so each case is a process of its own.
@Suite(.serialized) struct HostileConfigurationTests {
    @Test(arguments: ["early", "late"])
    func `a system-wide openssl.cnf changes nothing of ours`(loading: String) async throws {
        let parties = try TestParties.shared.get()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-conf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("peer.c").path
        try Self.program.write(toFile: source, atomically: true, encoding: .utf8)
        let program = folder.appendingPathComponent("peer").path
        let shim = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Shared/COpenSSL").path
        _ = try await Peer.run(
            [
                "clang", source, shim + "/shim.c", "-I", shim + "/include", "-o", program, "-lssl", "-lcrypto",
                "-lpthread",
            ],
            input: "", until: nil)

        let hostile = folder.appendingPathComponent("hostile.cnf").path
        try Self.hostile.write(toFile: hostile, atomically: true, encoding: .utf8)
        let broken = folder.appendingPathComponent("broken.cnf").path
        try "openssl_conf = [[[ nonsense".write(toFile: broken, atomically: true, encoding: .utf8)
        let files = [parties.server.certificatePath, parties.server.keyPath, parties.authority.certificatePath]
        for configuration in ["/dev/null", hostile, broken] {
            let said = try await Peer.run(
                ["env", "OPENSSL_CONF=\(configuration)", program, loading] + files, input: "", until: nil)
            #expect(said == "TLSv1.3 TLS_AES_128_GCM_SHA256\n", "\(configuration)")
        }
    }

    /// As somebody might have left it for another program: old protocols, no encryption, no algorithms.
    private static let hostile = """
        openssl_conf = all
        [all]
        ssl_conf = ssl
        providers = providers
        [providers]
        null = null
        [null]
        activate = 1
        [ssl]
        system_default = system
        [system]
        MinProtocol = TLSv1
        MaxProtocol = TLSv1.2
        CipherString = NULL:@SECLEVEL=0
        Ciphersuites = TLS_CHACHA20_POLY1305_SHA256
        Groups = P-521
        SignatureAlgorithms = RSA+SHA1
        Options = UnsafeLegacyRenegotiation,-NoRenegotiation
        VerifyMode = Peer
        """

    /// Joins two sessions of the shim back to back, in a process whose library may have read the file before.
    private static let program = #"""
        #include "COpenSSL.h"
        #include <openssl/ssl.h>
        #include <stdio.h>
        #include <string.h>

        static bool accept_all(void *o, sluice_fault fault, int d, const char *t, const sluice_leaf *leaf) {
            return fault == SLUICE_FAULT_NONE && leaf != NULL;
        }

        static void carry(sluice_session *from, sluice_session *to) {
            char bytes[70000];
            sluice_session_feed(to, bytes, sluice_session_take_output(from, bytes, sizeof bytes));
        }

        int main(int count, char **words) {
            sluice_error error;
            memset(&error, 0, sizeof error);
            if (count < 5) { return 1; }
            if (strcmp(words[1], "early") == 0) { OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, NULL); }
            sluice_context *context = sluice_context_new(true, &error);
            if (context == NULL || !sluice_context_use_chain(context, words[2], &error)
                || !sluice_context_use_key(context, words[3], &error) || !sluice_context_trust(context, words[4], &error)) {
                printf("context: %s\n", error.text);
                return 1;
            }
            sluice_context_verify_peers(context, accept_all);
            sluice_session *server = sluice_session_new(context, true, &error);
            sluice_session *client = sluice_session_new(context, false, &error);
            long client_done = 0, server_done = 0;
            for (int i = 0; i < 10 && (client_done != 1 || server_done != 1); i++) {
                if (client_done != 1) { client_done = sluice_session_handshake(client, &error); }
                if (client_done == sluice_failed) { printf("client: %s\n", error.text); return 1; }
                carry(client, server);
                if (server_done != 1) { server_done = sluice_session_handshake(server, &error); }
                if (server_done == sluice_failed) { printf("server: %s\n", error.text); return 1; }
                carry(server, client);
            }
            printf("%s %s\n", sluice_session_protocol(server), sluice_session_suite(server));
            return 0;
        }
        """#
}
