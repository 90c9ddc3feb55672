#define _GNU_SOURCE
#include "CCurl.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct ccurl_easy {
    CURL *handle;
    ccurl_callbacks callbacks;
    void *context;
    struct curl_slist *headers;
    struct curl_slist *recipients;
    char error[CURL_ERROR_SIZE];
};

// MARK: process and threads

bool ccurl_start(void) { return curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK; }

struct start {
    void (*run)(void *);
    void *context;
};

static void *run_thread(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.run(start.context);
    return NULL;
}

bool ccurl_thread_start(void (*run)(void *), void *context) {
    struct start *start = malloc(sizeof *start);
    if (!start) return false;
    *start = (struct start){run, context};
    // The thread inherits this mask. SIGPIPE matters most: with NOSIGNAL libcurl leaves it to its user.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    int failed = pthread_create(&thread, &attributes, run_thread, start);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) free(start);
    return !failed;
}

// MARK: callbacks

static size_t on_receive(char *bytes, size_t size, size_t count, void *argument) {
    ccurl_easy *easy = argument;
    switch (easy->callbacks.receive(easy->context, bytes, size * count)) {
        case CCURL_TAKEN: return size * count;
        case CCURL_PAUSED: return CURL_WRITEFUNC_PAUSE;
        default: return CURL_WRITEFUNC_ERROR;
    }
}

static size_t on_line(char *bytes, size_t size, size_t count, void *argument) {
    ccurl_easy *easy = argument;
    bool taken = easy->callbacks.receive_line(easy->context, bytes, size * count);
    return taken ? size * count : CURL_WRITEFUNC_ERROR;
}

static size_t on_fill(char *bytes, size_t size, size_t count, void *argument) {
    ccurl_easy *easy = argument;
    return easy->callbacks.fill(easy->context, bytes, size * count);
}

static int on_progress(
    void *argument, curl_off_t to_receive, curl_off_t received, curl_off_t to_send, curl_off_t sent) {
    (void)to_receive, (void)to_send;
    ccurl_easy *easy = argument;
    return easy->callbacks.progress(easy->context, easy, received, sent) ? 0 : 1;
}

// Decides on the very address the socket is opened to, so that a name which resolves differently from one moment to
// the next gains nothing.
static curl_socket_t on_open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *address) {
    ccurl_easy *easy = argument;
    const uint8_t *bytes;
    size_t count;
    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
    switch (address->family) {
        case AF_INET:
            bytes = (const uint8_t *)&((struct sockaddr_in *)(void *)&address->addr)->sin_addr;
            count = 4;
            break;
        case AF_INET6:
            bytes = (const uint8_t *)&((struct sockaddr_in6 *)(void *)&address->addr)->sin6_addr;
            count = 16;
            break;
        default: return CURL_SOCKET_BAD;
    }
    if (!easy->callbacks.may_connect(easy->context, bytes, count)) return CURL_SOCKET_BAD;
    int type = address->socktype;
#ifdef SOCK_CLOEXEC
    type |= SOCK_CLOEXEC;
#endif
    return socket(address->family, type, address->protocol);
}

// MARK: easy

ccurl_easy *ccurl_easy_create(void) {
    ccurl_easy *easy = calloc(1, sizeof *easy);
    if (!easy) return NULL;
    easy->handle = curl_easy_init();
    if (!easy->handle) {
        free(easy);
        return NULL;
    }
    ccurl_easy_reset(easy);
    return easy;
}

static void free_lists(ccurl_easy *easy) {
    curl_slist_free_all(easy->headers);
    curl_slist_free_all(easy->recipients);
    easy->headers = easy->recipients = NULL;
}

void ccurl_easy_destroy(ccurl_easy *easy) {
    curl_easy_cleanup(easy->handle);
    free_lists(easy);
    free(easy);
}

void ccurl_easy_reset(ccurl_easy *easy) {
    CURL *handle = easy->handle;
    curl_easy_reset(handle);
    free_lists(easy);
    easy->error[0] = 0;
    curl_easy_setopt(handle, CURLOPT_PRIVATE, easy);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, easy->error);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    // Or the engine's thread, and with it every other transfer, waits for the lookup of one that was given up.
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_EXPECT_100_TIMEOUT_MS, 1L);
    // Empty, not absent: absent means "read http_proxy and no_proxy from the environment".
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
}

void ccurl_easy_set_callbacks(ccurl_easy *easy, const ccurl_callbacks *callbacks, void *context) {
    CURL *handle = easy->handle;
    easy->callbacks = *callbacks;
    easy->context = context;
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, easy);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, easy);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, on_fill);
    curl_easy_setopt(handle, CURLOPT_READDATA, easy);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, easy);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, easy);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

bool ccurl_easy_set_text(ccurl_easy *easy, ccurl_text option, const char *value) {
    CURLoption name;
    switch (option) {
        case CCURL_URL: name = CURLOPT_URL; break;
        case CCURL_PROTOCOLS: name = CURLOPT_PROTOCOLS_STR; break;
        case CCURL_METHOD: name = CURLOPT_CUSTOMREQUEST; break;
        case CCURL_USER_AGENT: name = CURLOPT_USERAGENT; break;
        case CCURL_ACCEPT_ENCODING: name = CURLOPT_ACCEPT_ENCODING; break;
        case CCURL_PROXY: name = CURLOPT_PROXY; break;
        case CCURL_PROXY_CREDENTIALS: name = CURLOPT_PROXYUSERPWD; break;
        case CCURL_PINNED_KEYS: name = CURLOPT_PINNEDPUBLICKEY; break;
        case CCURL_USER: name = CURLOPT_USERNAME; break;
        case CCURL_PASSWORD: name = CURLOPT_PASSWORD; break;
        case CCURL_MAIL_SENDER: name = CURLOPT_MAIL_FROM; break;
        case CCURL_AUTHORITIES_FILE:
            curl_easy_setopt(easy->handle, CURLOPT_CAPATH, NULL);  // or the distribution's folder counts as well
            name = CURLOPT_CAINFO;
            break;
        default: return false;
    }
    return curl_easy_setopt(easy->handle, name, value) == CURLE_OK;
}

static bool set_upload(CURL *handle, int64_t bytes) {
    return curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L) == CURLE_OK
        && curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes) == CURLE_OK;
}

bool ccurl_easy_set_number(ccurl_easy *easy, ccurl_number option, int64_t value) {
    CURLoption name;
    long number = (long)value;
    switch (option) {
        case CCURL_WITHOUT_BODY: name = CURLOPT_NOBODY; break;
        case CCURL_CONNECT_TIMEOUT_MS: name = CURLOPT_CONNECTTIMEOUT_MS; break;
        case CCURL_TOTAL_TIMEOUT_MS: name = CURLOPT_TIMEOUT_MS; break;
        case CCURL_VERIFY_CHAIN: name = CURLOPT_SSL_VERIFYPEER; break;
        case CCURL_FRESH_CONNECTION: name = CURLOPT_FRESH_CONNECT; break;
        case CCURL_CLOSE_AFTERWARDS: name = CURLOPT_FORBID_REUSE; break;
        case CCURL_UPLOAD_BYTES: return set_upload(easy->handle, value);
        case CCURL_VERIFY_NAME:
            name = CURLOPT_SSL_VERIFYHOST;
            number = value ? 2 : 0;
            break;
        case CCURL_HTTP2:
            name = CURLOPT_HTTP_VERSION;
            number = value ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1;
            break;
        case CCURL_REQUIRE_STARTTLS:
            name = CURLOPT_USE_SSL;
            number = value ? CURLUSESSL_ALL : CURLUSESSL_NONE;
            break;
        default: return false;
    }
    return curl_easy_setopt(easy->handle, name, number) == CURLE_OK;
}

static bool append(CURL *handle, CURLoption option, struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer) return false;
    *list = longer;
    return curl_easy_setopt(handle, option, longer) == CURLE_OK;
}

bool ccurl_easy_add_header(ccurl_easy *easy, const char *line) {
    return append(easy->handle, CURLOPT_HTTPHEADER, &easy->headers, line);
}

bool ccurl_easy_add_recipient(ccurl_easy *easy, const char *address) {
    return append(easy->handle, CURLOPT_MAIL_RCPT, &easy->recipients, address);
}

bool ccurl_easy_set_body(ccurl_easy *easy, const void *bytes, size_t count) {
    return curl_easy_setopt(easy->handle, CURLOPT_POST, 1L) == CURLE_OK
        && curl_easy_setopt(easy->handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count) == CURLE_OK
        && curl_easy_setopt(easy->handle, CURLOPT_COPYPOSTFIELDS, count ? bytes : "") == CURLE_OK;
}

bool ccurl_easy_set_authorities(ccurl_easy *easy, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    curl_easy_setopt(easy->handle, CURLOPT_CAPATH, NULL);
    return curl_easy_setopt(easy->handle, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK;
}

bool ccurl_easy_resume(ccurl_easy *easy) { return curl_easy_pause(easy->handle, CURLPAUSE_CONT) == CURLE_OK; }

int64_t ccurl_easy_info(ccurl_easy *easy, ccurl_info info) {
    long code = 0;
    curl_off_t time = 0;
    switch (info) {
        case CCURL_INFO_REPLY_CODE: curl_easy_getinfo(easy->handle, CURLINFO_RESPONSE_CODE, &code); return code;
        case CCURL_INFO_PROXY_REPLY_CODE: curl_easy_getinfo(easy->handle, CURLINFO_HTTP_CONNECTCODE, &code); return code;
        case CCURL_INFO_READY_US: curl_easy_getinfo(easy->handle, CURLINFO_PRETRANSFER_TIME_T, &time); return time;
        case CCURL_INFO_TOTAL_US: curl_easy_getinfo(easy->handle, CURLINFO_TOTAL_TIME_T, &time); return time;
    }
    return 0;
}

const char *ccurl_easy_error(ccurl_easy *easy) { return easy->error; }
void *ccurl_easy_context(ccurl_easy *easy) { return easy->context; }

// MARK: multi

ccurl_multi *ccurl_multi_create(int connections_kept, int connections_per_host) {
    CURLM *multi = curl_multi_init();
    if (!multi) return NULL;
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections_kept);
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections_per_host);
    return (ccurl_multi *)multi;
}

void ccurl_multi_destroy(ccurl_multi *multi) { curl_multi_cleanup((CURLM *)multi); }

bool ccurl_multi_add(ccurl_multi *multi, ccurl_easy *easy) {
    return curl_multi_add_handle((CURLM *)multi, easy->handle) == CURLM_OK;
}

void ccurl_multi_remove(ccurl_multi *multi, ccurl_easy *easy) {
    curl_multi_remove_handle((CURLM *)multi, easy->handle);
}

void ccurl_multi_perform(ccurl_multi *multi) {
    int running;
    curl_multi_perform((CURLM *)multi, &running);
}

void ccurl_multi_wait(ccurl_multi *multi, int timeout_ms) {
    curl_multi_poll((CURLM *)multi, NULL, 0, timeout_ms, NULL);
}

void ccurl_multi_wake(ccurl_multi *multi) { curl_multi_wakeup((CURLM *)multi); }

static ccurl_failure classify(CURLcode code) {
    switch (code) {
        case CURLE_OK: return CCURL_OK;
        case CURLE_COULDNT_RESOLVE_HOST: return CCURL_FAILED_NAME;
        case CURLE_COULDNT_CONNECT:
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR: return CCURL_FAILED_CONNECTION;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CRL_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_CLIENTCERT:
        case CURLE_USE_SSL_FAILED: return CCURL_FAILED_TLS;
        case CURLE_OPERATION_TIMEDOUT: return CCURL_FAILED_TIMEOUT;
        case CURLE_PARTIAL_FILE: return CCURL_FAILED_TRUNCATED;
        case CURLE_BAD_CONTENT_ENCODING:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
        case CURLE_UNSUPPORTED_PROTOCOL: return CCURL_FAILED_MALFORMED;
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_PROXY: return CCURL_FAILED_PROXY;
        case CURLE_LOGIN_DENIED: return CCURL_FAILED_LOGIN;
        case CURLE_WRITE_ERROR:
        case CURLE_ABORTED_BY_CALLBACK: return CCURL_FAILED_ABORTED;
        case CURLE_URL_MALFORMAT:
        case CURLE_BAD_FUNCTION_ARGUMENT: return CCURL_FAILED_REQUEST;
        default: return CCURL_FAILED_OTHER;
    }
}

ccurl_easy *ccurl_multi_next_done(ccurl_multi *multi, ccurl_failure *failure) {
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read((CURLM *)multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        ccurl_easy *easy = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&easy);
        *failure = classify(message->data.result);
        if (message->data.result != CURLE_OK && !easy->error[0]) {
            strncpy(easy->error, curl_easy_strerror(message->data.result), sizeof easy->error - 1);
        }
        return easy;
    }
    return NULL;
}

// MARK: URLs

ccurl_url *ccurl_url_parse(const char *text) {
    CURLU *url = curl_url();
    if (!url) return NULL;
    // Any scheme here: the caller names those it takes, and so can say which one it was given.
    if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
        curl_url_cleanup(url);
        return NULL;
    }
    return (ccurl_url *)url;
}

void ccurl_url_destroy(ccurl_url *url) { curl_url_cleanup((CURLU *)url); }

static CURLUPart url_part(ccurl_url_part part) {
    switch (part) {
        case CCURL_URL_WHOLE: return CURLUPART_URL;
        case CCURL_URL_SCHEME: return CURLUPART_SCHEME;
        case CCURL_URL_HOST: return CURLUPART_HOST;
        case CCURL_URL_PORT: return CURLUPART_PORT;
        case CCURL_URL_USER: return CURLUPART_USER;
        case CCURL_URL_PASSWORD: return CURLUPART_PASSWORD;
        case CCURL_URL_FRAGMENT: return CURLUPART_FRAGMENT;
    }
    return CURLUPART_URL;
}

char *ccurl_url_copy_part(ccurl_url *url, ccurl_url_part part) {
    char *text = NULL;
    unsigned flags = part == CCURL_URL_PORT ? CURLU_DEFAULT_PORT : 0;
    return curl_url_get((CURLU *)url, url_part(part), &text, flags) == CURLUE_OK ? text : NULL;
}

bool ccurl_url_set_part(ccurl_url *url, ccurl_url_part part, const char *value) {
    return curl_url_set((CURLU *)url, url_part(part), value, 0) == CURLUE_OK;
}

void ccurl_free(void *memory) { curl_free(memory); }
