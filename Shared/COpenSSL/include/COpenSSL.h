// What Swift may see of OpenSSL: plain functions, no macro and no OpenSSL header. Rules are judged in Swift
// (Shared/TLS); here is only what cannot be said there.
#ifndef SLUICE_COPENSSL_H
#define SLUICE_COPENSSL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sluice_context sluice_context;
typedef struct sluice_session sluice_session;

typedef enum {
    SLUICE_ERROR_OTHER = 0,
    /// The peer sent an alert.
    SLUICE_ERROR_ALERT,
    /// The peer went away without close_notify.
    SLUICE_ERROR_TRUNCATED,
    SLUICE_ERROR_NO_CERTIFICATE,
    /// What came in is no TLS at all.
    SLUICE_ERROR_NOT_TLS,
    SLUICE_ERROR_PROTOCOL_VERSION,
    SLUICE_ERROR_NO_COMMON_SUITE,
    /// A key that is not the certificate's.
    SLUICE_ERROR_KEY_MISMATCH,
    /// A record that does not decrypt: changed on the way.
    SLUICE_ERROR_BAD_RECORD,
} sluice_error_kind;

/// One reading of the thread's error queue, which is empty afterwards.
typedef struct {
    sluice_error_kind kind;
    /// Its number in RFC 8446, when the kind is an alert.
    int alert;
    /// OpenSSL's own words of the first error, ended by 0; empty when the queue was empty.
    char text[200];
} sluice_error;

/// Why a certificate or its chain was refused; what OpenSSL distinguishes and an operator can act on.
typedef enum {
    SLUICE_FAULT_NONE = 0,
    SLUICE_FAULT_OTHER,
    SLUICE_FAULT_EXPIRED,
    SLUICE_FAULT_NOT_YET_VALID,
    SLUICE_FAULT_UNKNOWN_ISSUER,
    SLUICE_FAULT_SELF_SIGNED,
    SLUICE_FAULT_SELF_SIGNED_ROOT,
    SLUICE_FAULT_SIGNATURE,
    SLUICE_FAULT_REVOKED,
    SLUICE_FAULT_LIST_MISSING,
    SLUICE_FAULT_LIST_EXPIRED,
    SLUICE_FAULT_LIST_SIGNATURE,
    SLUICE_FAULT_ISSUER_NO_AUTHORITY,
    SLUICE_FAULT_PATH_TOO_LONG,
    SLUICE_FAULT_PURPOSE,
    SLUICE_FAULT_KEY_TOO_SMALL,
    SLUICE_FAULT_DIGEST_TOO_WEAK,
    SLUICE_FAULT_UNKNOWN_CRITICAL_EXTENSION,
    SLUICE_FAULT_LEAF_MAY_SIGN,
    SLUICE_FAULT_MALFORMED,
} sluice_fault;

/// The longest URI a SPIFFE id may have, in bytes.
enum { sluice_uri_bytes_max = 2048 };

/// What the identity rules look at in one certificate.
typedef struct {
    /// How many URI names the subject alternative name has.
    int uri_count;
    /// Length of the first; over `sluice_uri_bytes_max` it is not copied.
    size_t uri_length;
    char uri[2048];
    bool is_authority;
    bool has_key_usage, may_sign_digitally, may_sign_certificates, may_sign_lists;
    bool has_extended_key_usage, for_servers, for_clients;
    /// Seconds since 1970, or INT64_MIN when the certificate does not say it in a readable way.
    int64_t expires_at;
    /// Serial number in hexadecimal, cut to fit.
    char serial[64];
} sluice_leaf;

/// Called once per handshake with the verdict on the chain. Returns whether the peer is accepted; called with the
/// owner given to `sluice_session_new`, on the thread of the handshake. `leaf` is NULL when there is none.
typedef bool (*sluice_judge)(void *owner, sluice_fault fault, int depth, const char *text, const sluice_leaf *leaf);

// Files
/// Identity and age of a file, to see that it was replaced. Returns false when it cannot be read.
bool sluice_file_mark(const char *path, int64_t mark[6]);

// Contexts: changed only between `new` and the first session.
sluice_context *sluice_context_new(bool mutual, sluice_error *error);
void sluice_context_free(sluice_context *context);
bool sluice_context_use_chain(sluice_context *context, const char *path, sluice_error *error);
bool sluice_context_use_key(sluice_context *context, const char *path, sluice_error *error);
bool sluice_context_trust(sluice_context *context, const char *path, sluice_error *error);
/// Adds every list in the file and makes a missing or expired list a fault. `next_update` is the earliest one.
bool sluice_context_revoke(sluice_context *context, const char *path, int64_t *next_update, sluice_error *error);
/// Demands a certificate of the peer and hands the verdict to `judge`.
void sluice_context_verify_peers(sluice_context *context, sluice_judge judge);
bool sluice_context_own_leaf(sluice_context *context, sluice_leaf *leaf);
/// Whether this context would accept its own chain from a peer of the given role.
sluice_fault sluice_context_verify_own(sluice_context *context, bool as_server);

// Sessions: one per connection, used on one thread at a time. Each call below that works on the connection returns
// a count of bytes (1 for a finished handshake) or one of these.
enum {
    sluice_wants_input = -1,
    sluice_closed_by_peer = -2,
    sluice_failed = -3,
};
sluice_session *sluice_session_new(sluice_context *context, bool server, void *owner);
void sluice_session_free(sluice_session *session);
long sluice_session_handshake(sluice_session *session, sluice_error *error);
long sluice_session_read(sluice_session *session, void *bytes, size_t capacity, sluice_error *error);
long sluice_session_write(sluice_session *session, const void *bytes, size_t count, sluice_error *error);
/// Queues a KeyUpdate that asks for one in return. Nothing here needs new keys; a peer may do it as often as it likes.
bool sluice_session_renew_keys(sluice_session *session);
/// Queues close_notify; never after a fatal error.
void sluice_session_close(sluice_session *session);
/// Bytes from the network; all are taken.
bool sluice_session_feed(sluice_session *session, const void *bytes, size_t count);
/// Whether bytes fed to the session wait in it, be they only part of a record.
bool sluice_session_has_input(sluice_session *session);
/// Bytes that must go to the network.
size_t sluice_session_pending_output(sluice_session *session);
size_t sluice_session_take_output(sluice_session *session, void *bytes, size_t capacity);
/// The verdict another context gives on the peer of a live session, as after a new revocation list.
sluice_fault sluice_session_verify_again(sluice_session *session, sluice_context *context, bool peer_is_server);
/// Protocol and suite agreed on, for logs; static strings.
const char *sluice_session_protocol(sluice_session *session);
const char *sluice_session_suite(sluice_session *session);

#endif
