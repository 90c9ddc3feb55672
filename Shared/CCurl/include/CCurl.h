// The part of libcurl that Sluice uses, without curl.h: no macro and no variadic function reaches Swift.
//
// Nothing here is thread-safe except ccurl_multi_wake: one thread owns a multi and every easy in it.
#ifndef SLUICE_CCURL_H
#define SLUICE_CCURL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct ccurl_easy ccurl_easy;    // one transfer
typedef struct ccurl_multi ccurl_multi;  // many transfers and the connections they share
typedef struct ccurl_url ccurl_url;      // a parsed URL

// Initialises libcurl for the process. Call once, before everything else.
bool ccurl_start(void);

// Runs `run(context)` on a new detached thread that takes no signals (and so no SIGPIPE).
bool ccurl_thread_start(void (*run)(void *context), void *context);

// What a transfer failed with; the numbers of libcurl grouped by what a caller can do about them.
typedef enum {
    CCURL_OK,
    CCURL_FAILED_NAME,
    CCURL_FAILED_CONNECTION,
    CCURL_FAILED_TLS,
    CCURL_FAILED_TIMEOUT,
    CCURL_FAILED_TRUNCATED,
    CCURL_FAILED_MALFORMED,
    CCURL_FAILED_PROXY,
    CCURL_FAILED_LOGIN,
    CCURL_FAILED_ABORTED,  // a callback said so
    CCURL_FAILED_REQUEST,  // an option or the URL was refused
    CCURL_FAILED_OTHER,
} ccurl_failure;

// Called on the multi's thread, with the context given to ccurl_easy_set_callbacks.
typedef struct {
    // Takes `count` bytes of body: CCURL_TAKEN, CCURL_PAUSED (the same bytes come again after a resume), CCURL_ABORT.
    int (*receive)(void *context, const void *bytes, size_t count);
    // Takes one header line (HTTP) or reply line (SMTP) with its line end. False aborts.
    bool (*receive_line)(void *context, const void *bytes, size_t count);
    // Fills `room` bytes of what is to be uploaded. 0 ends the upload.
    size_t (*fill)(void *context, void *bytes, size_t room);
    // Whether a connection to this address may be opened; 4 or 16 bytes in network order.
    bool (*may_connect)(void *context, const uint8_t *address, size_t count);
    // Called often, at least four times a second. False aborts.
    bool (*progress)(void *context, ccurl_easy *easy, int64_t received, int64_t sent);
} ccurl_callbacks;

enum { CCURL_TAKEN = 0, CCURL_PAUSED = 1, CCURL_ABORT = 2 };

typedef enum {
    CCURL_URL,
    CCURL_PROTOCOLS,
    CCURL_METHOD,  // the word in the request line, when it is not what the kind of request implies
    CCURL_USER_AGENT,
    CCURL_ACCEPT_ENCODING,
    CCURL_PROXY,
    CCURL_PROXY_CREDENTIALS,
    CCURL_AUTHORITIES_FILE,
    CCURL_PINNED_KEYS,
    CCURL_USER,
    CCURL_PASSWORD,
    CCURL_MAIL_SENDER,
} ccurl_text;

typedef enum {
    CCURL_WITHOUT_BODY,  // HEAD: the answer has no body
    CCURL_CONNECT_TIMEOUT_MS,
    CCURL_TOTAL_TIMEOUT_MS,
    CCURL_VERIFY_CHAIN,
    CCURL_VERIFY_NAME,
    CCURL_HTTP2,
    CCURL_FRESH_CONNECTION,
    CCURL_CLOSE_AFTERWARDS,
    CCURL_REQUIRE_STARTTLS,
    CCURL_UPLOAD_BYTES,  // makes the transfer an upload of so many bytes, taken from `fill`
} ccurl_number;

typedef enum {
    CCURL_INFO_REPLY_CODE,
    CCURL_INFO_PROXY_REPLY_CODE,
    CCURL_INFO_READY_US,  // from the start until the connection, TLS included, was ready; 0 before
    CCURL_INFO_TOTAL_US,  // from the start until now
} ccurl_info;

ccurl_easy *_Nullable ccurl_easy_create(void);
void ccurl_easy_destroy(ccurl_easy *easy);
// Forgets every option, as new; sets what holds for all transfers (no signals, no redirects, TLS 1.2 or newer, no
// settings from the process's environment).
void ccurl_easy_reset(ccurl_easy *easy);
void ccurl_easy_set_callbacks(ccurl_easy *easy, const ccurl_callbacks *callbacks, void *context);
bool ccurl_easy_set_text(ccurl_easy *easy, ccurl_text option, const char *value);
bool ccurl_easy_set_number(ccurl_easy *easy, ccurl_number option, int64_t value);
bool ccurl_easy_add_header(ccurl_easy *easy, const char *line);
bool ccurl_easy_add_recipient(ccurl_easy *easy, const char *address);
// Makes the transfer a POST of a copy of these bytes.
bool ccurl_easy_set_body(ccurl_easy *easy, const void *_Nullable bytes, size_t count);
// Trusts the certificates in this PEM text and no others.
bool ccurl_easy_set_authorities(ccurl_easy *easy, const void *bytes, size_t count);
bool ccurl_easy_resume(ccurl_easy *easy);
int64_t ccurl_easy_info(ccurl_easy *easy, ccurl_info info);
// What went wrong, in libcurl's words; valid until the next reset.
const char *ccurl_easy_error(ccurl_easy *easy);
void *_Nullable ccurl_easy_context(ccurl_easy *easy);

ccurl_multi *_Nullable ccurl_multi_create(int connections_kept, int connections_per_host);
// Every easy must have been removed.
void ccurl_multi_destroy(ccurl_multi *multi);
bool ccurl_multi_add(ccurl_multi *multi, ccurl_easy *easy);
// Ends the transfer if it is running.
void ccurl_multi_remove(ccurl_multi *multi, ccurl_easy *easy);
void ccurl_multi_perform(ccurl_multi *multi);
// Returns after `timeout_ms`, after a wake, or when a connection can be served.
void ccurl_multi_wait(ccurl_multi *multi, int timeout_ms);
// From any thread.
void ccurl_multi_wake(ccurl_multi *multi);
// Takes the next transfer that ended; NULL when there is none.
ccurl_easy *_Nullable ccurl_multi_next_done(ccurl_multi *multi, ccurl_failure *failure);

typedef enum {
    CCURL_URL_WHOLE,
    CCURL_URL_SCHEME,
    CCURL_URL_HOST,
    CCURL_URL_PORT,
    CCURL_URL_USER,
    CCURL_URL_PASSWORD,
    CCURL_URL_FRAGMENT,
} ccurl_url_part;

// NULL when the text is not a URL with a scheme and a host.
ccurl_url *_Nullable ccurl_url_parse(const char *text);
void ccurl_url_destroy(ccurl_url *url);
// NULL when the part is absent; an absent port is the one of the scheme. Free with ccurl_free.
char *_Nullable ccurl_url_copy_part(ccurl_url *url, ccurl_url_part part);
// NULL removes the part.
bool ccurl_url_set_part(ccurl_url *url, ccurl_url_part part, const char *_Nullable value);
void ccurl_free(void *_Nullable memory);

#pragma clang assume_nonnull end

#endif
