#include "COpenSSL.h"

#include <openssl/bio.h>
#include <openssl/core_dispatch.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/// A leaf whose chain was found good, by one context and for one role. See "Peers seen before".
typedef struct {
    unsigned char *certificate;
    int length;
    bool is_server;
    /// Good from the first second to before the last one, since 1970.
    int64_t from, until;
    sluice_leaf leaf;
} seen_peer;

enum { seen_peers_max = 64 };

struct sluice_context {
    SSL_CTX *ssl;
    sluice_judge judge;
    /// When all revocation lists are valid, in seconds since 1970.
    int64_t lists_from, lists_until;
    pthread_mutex_t seen_lock;
    seen_peer *seen[seen_peers_max];
    unsigned seen_next;
};

struct sluice_session {
    SSL *ssl;
    BIO *input, *output;
    sluice_context *context;
    void *owner;
    bool fatal;
};

// MARK: - Errors

static sluice_error_kind kind_of(int library, int reason) {
    if (library == ERR_LIB_X509 && reason == X509_R_KEY_VALUES_MISMATCH) { return SLUICE_ERROR_KEY_MISMATCH; }
    if (library == ERR_LIB_X509 && reason == X509_R_KEY_TYPE_MISMATCH) { return SLUICE_ERROR_KEY_MISMATCH; }
    if (library != ERR_LIB_SSL) { return SLUICE_ERROR_OTHER; }
    if (reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) { return SLUICE_ERROR_ALERT; }
    switch (reason) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return SLUICE_ERROR_TRUNCATED;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return SLUICE_ERROR_NO_CERTIFICATE;
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER: return SLUICE_ERROR_NOT_TLS;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_PROTOCOLS_AVAILABLE: return SLUICE_ERROR_PROTOCOL_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: return SLUICE_ERROR_NO_COMMON_SUITE;
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: return SLUICE_ERROR_BAD_RECORD;
    default: return SLUICE_ERROR_OTHER;
    }
}

/// Looks before it clears: the queue is nearly always empty, and clearing touches all of its sixteen places.
static inline void clear_errors(void) {
    if (ERR_peek_error() != 0) { ERR_clear_error(); }
}

/// Empties the thread's queue into a value, so that no later call meets this one's errors (pitfall 1).
static void drain(sluice_error *error) {
    unsigned long first = ERR_peek_error();
    const char *words = ERR_reason_error_string(first);
    memset(error, 0, sizeof *error);
    if (first != 0) {
        error->kind = kind_of(ERR_GET_LIB(first), ERR_GET_REASON(first));
        if (error->kind == SLUICE_ERROR_ALERT) { error->alert = ERR_GET_REASON(first) - SSL_AD_REASON_OFFSET; }
        if (words != NULL) {
            strncpy(error->text, words, sizeof error->text - 1);
        } else {
            ERR_error_string_n(first, error->text, sizeof error->text);
        }
    }
    ERR_clear_error();
}

static sluice_fault fault_of(int code) {
    switch (code) {
    case X509_V_OK: return SLUICE_FAULT_NONE;
    case X509_V_ERR_CERT_HAS_EXPIRED: return SLUICE_FAULT_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID: return SLUICE_FAULT_NOT_YET_VALID;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_AKID_SKID_MISMATCH:
    case X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH: return SLUICE_FAULT_UNKNOWN_ISSUER;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return SLUICE_FAULT_SELF_SIGNED;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return SLUICE_FAULT_SELF_SIGNED_ROOT;
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: return SLUICE_FAULT_SIGNATURE;
    case X509_V_ERR_CERT_REVOKED: return SLUICE_FAULT_REVOKED;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER: return SLUICE_FAULT_LIST_MISSING;
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID: return SLUICE_FAULT_LIST_EXPIRED;
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN: return SLUICE_FAULT_LIST_SIGNATURE;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN: return SLUICE_FAULT_ISSUER_NO_AUTHORITY;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG: return SLUICE_FAULT_PATH_TOO_LONG;
    case X509_V_ERR_INVALID_PURPOSE: return SLUICE_FAULT_PURPOSE;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL: return SLUICE_FAULT_KEY_TOO_SMALL;
    case X509_V_ERR_CA_MD_TOO_WEAK: return SLUICE_FAULT_DIGEST_TOO_WEAK;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION: return SLUICE_FAULT_UNKNOWN_CRITICAL_EXTENSION;
    case X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA: return SLUICE_FAULT_LEAF_MAY_SIGN;
    case X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER:
    case X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER:
    case X509_V_ERR_EMPTY_SUBJECT_ALT_NAME:
    case X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL:
    case X509_V_ERR_CA_BCONS_NOT_CRITICAL:
    case X509_V_ERR_CA_CERT_MISSING_KEY_USAGE:
    case X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA:
    case X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN:
    case X509_V_ERR_ISSUER_NAME_EMPTY:
    case X509_V_ERR_SUBJECT_NAME_EMPTY:
    case X509_V_ERR_EC_KEY_EXPLICIT_PARAMS:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
    case X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY:
    case X509_V_ERR_INVALID_EXTENSION: return SLUICE_FAULT_MALFORMED;
    default: return SLUICE_FAULT_OTHER;
    }
}

// MARK: - The library

static OSSL_LIB_CTX *library;
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

// A provider that hands on the default one, but of kinds of keys and their forms only what certificates here can have.
// OpenSSL 3.0 looks through all of them, one by one, for the key of each certificate it meets: with the forty it knows
// that is a quarter of a handshake. What is not there cannot be reached by a hostile certificate either.

static OSSL_PROVIDER *complete;
static OSSL_ALGORITHM key_kinds[16], key_forms[64];

static bool is_named(const OSSL_ALGORITHM *algorithm, const char *name) {
    size_t length = strlen(name);
    const char *names = algorithm->algorithm_names;
    return strncmp(names, name, length) == 0 && (names[length] == '\0' || names[length] == ':');
}

static bool is_key_kind(const OSSL_ALGORITHM *algorithm) {
    return is_named(algorithm, "EC") || is_named(algorithm, "X25519") || is_named(algorithm, "ED25519")
        || is_named(algorithm, "RSA") || is_named(algorithm, "RSA-PSS");
}

static bool is_key_form(const OSSL_ALGORITHM *algorithm) {
    // From PEM and from the envelope of a private key to the forms below.
    if (is_named(algorithm, "DER")) { return true; }
    return is_key_kind(algorithm) && strstr(algorithm->property_definition, "input=der") != NULL;
}

static bool keep(OSSL_ALGORITHM *kept, size_t room, int operation, bool (*is_wanted)(const OSSL_ALGORITHM *)) {
    int volatile_answer = 0;
    const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(complete, operation, &volatile_answer);
    size_t count = 0;
    for (; all != NULL && all->algorithm_names != NULL; all++) {
        if (!is_wanted(all)) { continue; }
        if (count + 1 == room) { return false; }
        kept[count++] = *all;
    }
    return count > 0;
}

static const OSSL_ALGORITHM *narrow_query(void *context, int operation, int *no_cache) {
    (void)context;
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_KEYMGMT: return key_kinds;
    case OSSL_OP_DECODER: return key_forms;
    default: return OSSL_PROVIDER_query_operation(complete, operation, no_cache);
    }
}

static const OSSL_PARAM *narrow_gettable(void *context) {
    (void)context;
    return OSSL_PROVIDER_gettable_params(complete);
}

static int narrow_get(void *context, OSSL_PARAM parameters[]) {
    (void)context;
    return OSSL_PROVIDER_get_params(complete, parameters);
}

static int narrow_capabilities(void *context, const char *capability, OSSL_CALLBACK *each, void *argument) {
    (void)context;
    return OSSL_PROVIDER_get_capabilities(complete, capability, each, argument);
}

static const OSSL_DISPATCH narrow_functions[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))narrow_query},
    {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))narrow_gettable},
    {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))narrow_get},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))narrow_capabilities},
    {0, NULL},
};

static int narrow_init(
    const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **functions, void **context
) {
    (void)handle, (void)core;
    *functions = narrow_functions;
    // The functions handed on are the other provider's, and ask for its context.
    *context = OSSL_PROVIDER_get0_provider_ctx(complete);
    return 1;
}

/// Library contexts of our own: the system's openssl.cnf is neither read for them nor asked for (pitfall 18).
static void start_library(void) {
    // Not cleaned up at exit: other threads may still be in it when the process ends.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
    OSSL_LIB_CTX *behind = OSSL_LIB_CTX_new();
    if (behind != NULL) { complete = OSSL_PROVIDER_load(behind, "default"); }
    if (complete != NULL && keep(key_kinds, sizeof key_kinds / sizeof *key_kinds, OSSL_OP_KEYMGMT, is_key_kind)
        && keep(key_forms, sizeof key_forms / sizeof *key_forms, OSSL_OP_DECODER, is_key_form)) {
        library = OSSL_LIB_CTX_new();
    }
    if (library != NULL
        && (OSSL_PROVIDER_add_builtin(library, "sluice", narrow_init) != 1
            || OSSL_PROVIDER_load(library, "sluice") == NULL)) {
        OSSL_LIB_CTX_free(library);
        library = NULL;
    }
    ERR_clear_error();
}

bool sluice_file_mark(const char *path, int64_t mark[6]) {
    struct stat info;
    if (stat(path, &info) != 0) { return false; }
    mark[0] = (int64_t)info.st_dev;
    mark[1] = (int64_t)info.st_ino;
    mark[2] = (int64_t)info.st_size;
#ifdef __APPLE__
    mark[3] = info.st_mtimespec.tv_sec;
    mark[4] = info.st_mtimespec.tv_nsec;
    mark[5] = info.st_ctimespec.tv_sec * 1000000000LL + info.st_ctimespec.tv_nsec;
#else
    mark[3] = info.st_mtim.tv_sec;
    mark[4] = info.st_mtim.tv_nsec;
    mark[5] = info.st_ctim.tv_sec * 1000000000LL + info.st_ctim.tv_nsec;
#endif
    return true;
}

// MARK: - Certificates

static int64_t seconds_since_1970(const ASN1_TIME *time) {
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    int ok = epoch != NULL && time != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time);
    ASN1_TIME_free(epoch);
    return ok ? (int64_t)days * 86400 + seconds : INT64_MIN;
}

static void read_leaf(X509 *certificate, sluice_leaf *leaf) {
    memset(leaf, 0, sizeof *leaf);
    uint32_t flags = X509_get_extension_flags(certificate);
    leaf->is_authority = (flags & EXFLAG_CA) != 0;
    leaf->has_key_usage = (flags & EXFLAG_KUSAGE) != 0;
    if (leaf->has_key_usage) {
        uint32_t usage = X509_get_key_usage(certificate);
        leaf->may_sign_digitally = (usage & KU_DIGITAL_SIGNATURE) != 0;
        leaf->may_sign_certificates = (usage & KU_KEY_CERT_SIGN) != 0;
        leaf->may_sign_lists = (usage & KU_CRL_SIGN) != 0;
    }
    leaf->has_extended_key_usage = (flags & EXFLAG_XKUSAGE) != 0;
    if (leaf->has_extended_key_usage) {
        uint32_t usage = X509_get_extended_key_usage(certificate);
        leaf->for_servers = (usage & XKU_SSL_SERVER) != 0;
        leaf->for_clients = (usage & XKU_SSL_CLIENT) != 0;
    }
    leaf->expires_at = seconds_since_1970(X509_get0_notAfter(certificate));

    BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *digits = serial == NULL ? NULL : BN_bn2hex(serial);
    if (digits != NULL) { strncpy(leaf->serial, digits, sizeof leaf->serial - 1); }
    OPENSSL_free(digits);
    BN_free(serial);

    // Two extensions of the same kind make this NULL, and then there is no identity.
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI) { continue; }
        if (leaf->uri_count++ > 0) { continue; }
        // Length and bytes, never a C string: a zero inside must not end the comparison.
        leaf->uri_length = (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier);
        if (leaf->uri_length <= sizeof leaf->uri) {
            memcpy(leaf->uri, ASN1_STRING_get0_data(name->d.uniformResourceIdentifier), leaf->uri_length);
        }
    }
    GENERAL_NAMES_free(names);
}

// MARK: - Peers seen before
//
// Whether a chain is good depends on the leaf, on the authorities and lists of the context, which never change, and on
// the time. So a good verdict is kept with the context for as long as all of the chain and all lists are valid, and a
// peer that comes again is not calculated anew. That it has the key it proves in each handshake. Refusals are not kept.

static void forget(seen_peer *peer) {
    if (peer == NULL) { return; }
    OPENSSL_free(peer->certificate);
    OPENSSL_free(peer);
}

static bool recall(sluice_context *context, const unsigned char *certificate, int length, bool is_server,
                   sluice_leaf *leaf) {
    int64_t now = (int64_t)time(NULL);
    bool found = false;
    pthread_mutex_lock(&context->seen_lock);
    for (unsigned i = 0; i < seen_peers_max && context->seen[i] != NULL && !found; i++) {
        const seen_peer *peer = context->seen[i];
        if (peer->length != length || peer->is_server != is_server || now < peer->from || now >= peer->until) {
            continue;
        }
        found = memcmp(peer->certificate, certificate, (size_t)length) == 0;
        if (found) { *leaf = peer->leaf; }
    }
    pthread_mutex_unlock(&context->seen_lock);
    return found;
}

/// Keeps the verdict just reached, in place of the oldest one. Takes over `certificate`.
static void remember(sluice_context *context, STACK_OF(X509) *chain, unsigned char *certificate, int length,
                     bool is_server, const sluice_leaf *leaf) {
    seen_peer *peer = OPENSSL_zalloc(sizeof *peer);
    if (peer == NULL) {
        OPENSSL_free(certificate);
        return;
    }
    *peer = (seen_peer){certificate, length, is_server, context->lists_from, context->lists_until, *leaf};
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t from = seconds_since_1970(X509_get0_notBefore(sk_X509_value(chain, i)));
        int64_t until = seconds_since_1970(X509_get0_notAfter(sk_X509_value(chain, i)));
        // A time that cannot be read is the lowest number: then nothing is ever recalled.
        if (from > peer->from || from == INT64_MIN) { peer->from = from == INT64_MIN ? INT64_MAX : from; }
        if (until < peer->until) { peer->until = until; }
    }
    pthread_mutex_lock(&context->seen_lock);
    unsigned place = context->seen_next++ % seen_peers_max;
    seen_peer *oldest = context->seen[place];
    context->seen[place] = peer;
    pthread_mutex_unlock(&context->seen_lock);
    forget(oldest);
}

/// In place of OpenSSL's own last step: its verdict on the chain first, then ours on the identity.
static int judge_peer(X509_STORE_CTX *store, void *unused) {
    (void)unused;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    sluice_session *session = ssl == NULL ? NULL : SSL_get_app_data(ssl);
    if (session == NULL || session->context->judge == NULL) { return 0; }
    sluice_context *context = session->context;
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    bool is_server = SSL_is_server(ssl) == 0;
    unsigned char *bytes = NULL;
    int length = certificate == NULL ? -1 : i2d_X509(certificate, &bytes);
    int verified = 1, code = X509_V_OK;
    sluice_leaf leaf;
    if (length > 0 && recall(context, bytes, length, is_server, &leaf)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
    } else {
        verified = X509_verify_cert(store);
        code = X509_STORE_CTX_get_error(store);
        if (verified != 1 && code == X509_V_OK) { code = X509_V_ERR_UNSPECIFIED; }
        if (certificate != NULL) { read_leaf(certificate, &leaf); }
        if (verified == 1 && code == X509_V_OK && length > 0) {
            remember(context, X509_STORE_CTX_get0_chain(store), bytes, length, is_server, &leaf);
            bytes = NULL;
        }
    }
    OPENSSL_free(bytes);
    bool accepted = context->judge(
        session->owner, fault_of(code), X509_STORE_CTX_get_error_depth(store), X509_verify_cert_error_string(code),
        certificate == NULL ? NULL : &leaf);
    if (verified == 1 && accepted) { return 1; }
    // Decides the alert the peer gets: bad_certificate.
    if (code == X509_V_OK) { X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED); }
    return 0;
}

// MARK: - Contexts

/// Everything a system-wide configuration could have set is set again here, by name.
static bool settle(SSL_CTX *ssl, bool mutual) {
    SSL_CTX_clear_options(ssl, SSL_CTX_get_options(ssl));
    // Never SSL_OP_IGNORE_UNEXPECTED_EOF: a cut-off stream is an error (pitfall 8).
    SSL_CTX_set_options(
        ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_clear_mode(ssl, SSL_CTX_get_mode(ssl));
    // Retried writes may come from another address (pitfall 12); an idle connection keeps no record buffers; a read
    // goes on past records without data, or "wants input" would be said with input still waiting (pitfall 3).
    SSL_CTX_set_mode(
        ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
                 | SSL_MODE_AUTO_RETRY);
    // No tickets and no cache: a resumed session would skip revocation (pitfall 11).
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_early_data(ssl, 0);
    SSL_CTX_set_block_padding(ssl, 0);
    SSL_CTX_set_read_ahead(ssl, 0);
    SSL_CTX_set_quiet_shutdown(ssl, 0);
    SSL_CTX_set_max_cert_list(ssl, 64 * 1024);
    SSL_CTX_set_verify_depth(ssl, 4);
    SSL_CTX_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_security_level(ssl, 2);
    return SSL_CTX_set_num_tickets(ssl, 0) == 1
        && SSL_CTX_set_min_proto_version(ssl, mutual ? TLS1_3_VERSION : TLS1_2_VERSION) == 1
        && SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION) == 1
        && SSL_CTX_set_ciphersuites(
               ssl, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1
        && SSL_CTX_set_cipher_list(
               ssl, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
                    "@SECLEVEL=2") == 1
        && SSL_CTX_set1_groups_list(ssl, "X25519:P-256:P-384") == 1
        && SSL_CTX_set1_sigalgs_list(
               ssl, "ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
                    "RSA+SHA256:RSA+SHA384:RSA+SHA512") == 1
        && SSL_CTX_set1_client_sigalgs_list(
               ssl, "ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
                    "RSA+SHA256:RSA+SHA384:RSA+SHA512") == 1;
}

sluice_context *sluice_context_new(bool mutual, sluice_error *error) {
    pthread_once(&library_once, start_library);
    ERR_clear_error();
    sluice_context *context = OPENSSL_zalloc(sizeof *context);
    if (context != NULL) {
        pthread_mutex_init(&context->seen_lock, NULL);
        context->lists_from = INT64_MIN;
        context->lists_until = INT64_MAX;
    }
    if (context != NULL && library != NULL) { context->ssl = SSL_CTX_new_ex(library, NULL, TLS_method()); }
    if (context != NULL && context->ssl != NULL && settle(context->ssl, mutual)) {
        // A system-wide section may have been applied before `settle`; what it got wrong is no concern of ours.
        ERR_clear_error();
        return context;
    }
    drain(error);
    sluice_context_free(context);
    return NULL;
}

void sluice_context_free(sluice_context *context) {
    if (context == NULL) { return; }
    SSL_CTX_free(context->ssl);
    for (unsigned i = 0; i < seen_peers_max; i++) { forget(context->seen[i]); }
    pthread_mutex_destroy(&context->seen_lock);
    OPENSSL_free(context);
}

static bool finish(int result, sluice_error *error) {
    if (result != 1) { drain(error); }
    ERR_clear_error();
    return result == 1;
}

/// A key with a passphrase must fail, not ask on the terminal.
static int no_passphrase(char *buffer, int size, int writing, void *unused) {
    (void)buffer, (void)size, (void)writing, (void)unused;
    return -1;
}

bool sluice_context_use_chain(sluice_context *context, const char *path, sluice_error *error) {
    ERR_clear_error();
    return finish(SSL_CTX_use_certificate_chain_file(context->ssl, path), error);
}

bool sluice_context_use_key(sluice_context *context, const char *path, sluice_error *error) {
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(context->ssl, no_passphrase);
    int result = SSL_CTX_use_PrivateKey_file(context->ssl, path, SSL_FILETYPE_PEM);
    return finish(result == 1 ? SSL_CTX_check_private_key(context->ssl) : result, error);
}

bool sluice_context_trust(sluice_context *context, const char *path, sluice_error *error) {
    ERR_clear_error();
    return finish(SSL_CTX_load_verify_file(context->ssl, path), error);
}

bool sluice_context_revoke(sluice_context *context, const char *path, int64_t *next_update, sluice_error *error) {
    ERR_clear_error();
    X509_STORE *store = SSL_CTX_get_cert_store(context->ssl);
    BIO *file = BIO_new_file(path, "r");
    int lists = 0;
    *next_update = INT64_MAX;
    while (file != NULL) {
        X509_CRL *list = X509_CRL_new_ex(library, NULL);
        if (list == NULL || PEM_read_bio_X509_CRL(file, &list, no_passphrase, NULL) == NULL) {
            X509_CRL_free(list);
            break;
        }
        const ASN1_TIME *next = X509_CRL_get0_nextUpdate(list);
        int64_t seconds = next == NULL ? INT64_MAX : seconds_since_1970(next);
        if (seconds < *next_update) { *next_update = seconds; }
        int64_t since = seconds_since_1970(X509_CRL_get0_lastUpdate(list));
        if (since == INT64_MIN) { since = INT64_MAX; }
        if (since > context->lists_from) { context->lists_from = since; }
        int added = X509_STORE_add_crl(store, list);
        X509_CRL_free(list);
        if (added != 1) { lists = -1; break; }
        lists++;
    }
    BIO_free(file);
    // The end of the file is told as "no start line"; anything else is a list that cannot be read.
    unsigned long last = ERR_peek_last_error();
    bool ended = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    if (lists < 1 || !ended) {
        drain(error);
        return false;
    }
    ERR_clear_error();
    context->lists_until = *next_update;
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->ssl), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return true;
}

void sluice_context_verify_peers(sluice_context *context, sluice_judge judge) {
    context->judge = judge;
    // Strict form, whole chain up to a root we trust; a certificate is not optional (pitfall 17).
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->ssl), X509_V_FLAG_X509_STRICT);
    SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context->ssl, judge_peer, NULL);
}

bool sluice_context_own_leaf(sluice_context *context, sluice_leaf *leaf) {
    X509 *certificate = SSL_CTX_get0_certificate(context->ssl);
    if (certificate == NULL) { return false; }
    read_leaf(certificate, leaf);
    ERR_clear_error();
    return true;
}

static sluice_fault verify(SSL_CTX *ssl, X509 *leaf, STACK_OF(X509) *chain, bool as_server) {
    ERR_clear_error();
    X509_STORE_CTX *store = X509_STORE_CTX_new_ex(library, NULL);
    int code = X509_V_ERR_OUT_OF_MEM;
    if (store != NULL && leaf != NULL
        && X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(ssl), leaf, chain) == 1) {
        X509_STORE_CTX_set_default(store, as_server ? "ssl_server" : "ssl_client");
        X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(store);
        X509_VERIFY_PARAM_set1(rules, SSL_CTX_get0_param(ssl));
        X509_VERIFY_PARAM_set_auth_level(rules, SSL_CTX_get_security_level(ssl));
        int verified = X509_verify_cert(store);
        code = X509_STORE_CTX_get_error(store);
        if (verified != 1 && code == X509_V_OK) { code = X509_V_ERR_UNSPECIFIED; }
    }
    X509_STORE_CTX_free(store);
    ERR_clear_error();
    return fault_of(code);
}

sluice_fault sluice_context_verify_own(sluice_context *context, bool as_server) {
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(context->ssl, &chain);
    return verify(context->ssl, SSL_CTX_get0_certificate(context->ssl), chain, as_server);
}

// MARK: - Sessions

sluice_session *sluice_session_new(sluice_context *context, bool server, void *owner) {
    ERR_clear_error();
    sluice_session *session = OPENSSL_zalloc(sizeof *session);
    if (session == NULL) { return NULL; }
    session->ssl = SSL_new(context->ssl);
    BIO *input = BIO_new(BIO_s_mem()), *output = BIO_new(BIO_s_mem());
    if (session->ssl == NULL || input == NULL || output == NULL) {
        BIO_free(input);
        BIO_free(output);
        sluice_session_free(session);
        ERR_clear_error();
        return NULL;
    }
    // An empty memory BIO says "end of file" unless told to say "later" (pitfall 13).
    BIO_set_mem_eof_return(input, -1);
    BIO_set_mem_eof_return(output, -1);
    SSL_set_bio(session->ssl, input, output);
    session->input = input;
    session->output = output;
    session->context = context;
    session->owner = owner;
    SSL_set_app_data(session->ssl, session);
    if (server) { SSL_set_accept_state(session->ssl); } else { SSL_set_connect_state(session->ssl); }
    return session;
}

void sluice_session_free(sluice_session *session) {
    if (session == NULL) { return; }
    SSL_free(session->ssl);
    OPENSSL_free(session);
}

/// Reads the result of the call just made, with nothing in between (pitfall 1).
static long outcome(sluice_session *session, int result, size_t count, sluice_error *error) {
    if (result == 1) { return (long)count; }
    switch (SSL_get_error(session->ssl, result)) {
    case SSL_ERROR_WANT_READ: clear_errors(); return sluice_wants_input;
    case SSL_ERROR_ZERO_RETURN: clear_errors(); return sluice_closed_by_peer;
    default:
        // WANT_WRITE too: a memory BIO takes everything, so it can only be a bug (pitfall 12).
        session->fatal = true;
        drain(error);
        return sluice_failed;
    }
}

long sluice_session_handshake(sluice_session *session, sluice_error *error) {
    clear_errors();
    return outcome(session, SSL_do_handshake(session->ssl), 1, error);
}

long sluice_session_read(sluice_session *session, void *bytes, size_t capacity, sluice_error *error) {
    size_t count = 0;
    clear_errors();
    return outcome(session, SSL_read_ex(session->ssl, bytes, capacity, &count), count, error);
}

long sluice_session_write(sluice_session *session, const void *bytes, size_t length, sluice_error *error) {
    size_t count = 0;
    clear_errors();
    return outcome(session, SSL_write_ex(session->ssl, bytes, length, &count), count, error);
}

bool sluice_session_renew_keys(sluice_session *session) {
    ERR_clear_error();
    bool sent = SSL_key_update(session->ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(session->ssl) == 1;
    ERR_clear_error();
    return sent;
}

void sluice_session_close(sluice_session *session) {
    // After a fatal error the library forbids it (pitfall 9).
    if (session->fatal || SSL_in_init(session->ssl)) { return; }
    ERR_clear_error();
    SSL_shutdown(session->ssl);
    ERR_clear_error();
}

bool sluice_session_feed(sluice_session *session, const void *bytes, size_t count) {
    size_t written = 0;
    return count == 0 || (BIO_write_ex(session->input, bytes, count, &written) == 1 && written == count);
}

bool sluice_session_has_input(sluice_session *session) {
    return BIO_ctrl_pending(session->input) > 0 || SSL_has_pending(session->ssl);
}

size_t sluice_session_pending_output(sluice_session *session) { return BIO_ctrl_pending(session->output); }

size_t sluice_session_take_output(sluice_session *session, void *bytes, size_t capacity) {
    size_t count = 0;
    return capacity > 0 && BIO_read_ex(session->output, bytes, capacity, &count) == 1 ? count : 0;
}

sluice_fault sluice_session_verify_again(sluice_session *session, sluice_context *context, bool peer_is_server) {
    X509 *leaf = SSL_get0_peer_certificate(session->ssl);
    unsigned char *bytes = NULL;
    sluice_leaf seen;
    int length = leaf == NULL ? -1 : i2d_X509(leaf, &bytes);
    bool is_good = length > 0 && recall(context, bytes, length, peer_is_server, &seen);
    OPENSSL_free(bytes);
    if (is_good) { return SLUICE_FAULT_NONE; }
    return verify(context->ssl, leaf, SSL_get_peer_cert_chain(session->ssl), peer_is_server);
}

const char *sluice_session_protocol(sluice_session *session) { return SSL_get_version(session->ssl); }
const char *sluice_session_suite(sluice_session *session) { return SSL_get_cipher_name(session->ssl); }
