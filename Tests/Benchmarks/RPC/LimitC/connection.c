#include "connection.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <sys/epoll.h>

enum { READ_BYTES = 16384, RECORD_BYTES = 16384, FRAME_BYTES_MAX = 4096 };

SSL_CTX *make_context(bool is_server, const char *certificates, const char *name) {
    char chain[1024], key[1024], authority[1024];
    snprintf(chain, sizeof chain, "%s/%s.pem", certificates, name);
    snprintf(key, sizeof key, "%s/%s.key", certificates, name);
    snprintf(authority, sizeof authority, "%s/authority.pem", certificates);
    SSL_CTX *context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 || SSL_CTX_set_num_tickets(context, 0) != 1 ||
        SSL_CTX_use_certificate_chain_file(context, chain) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_load_verify_locations(context, authority, NULL) != 1) {
        ERR_print_errors_fp(stderr);
        fail("TLS cannot be set up");
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return context;
}

struct connection *connection_open(int socket, int poll, SSL_CTX *context, bool is_server) {
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) fail("no memory");
    connection->socket = socket;
    connection->poll = poll;
    connection->ssl = SSL_new(context);
    if (!connection->ssl || SSL_set_fd(connection->ssl, socket) != 1) fail("no TLS for a connection");
    if (is_server)
        SSL_set_accept_state(connection->ssl);
    else
        SSL_set_connect_state(connection->ssl);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    connection->watched = EPOLLIN;
    if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
    return connection;
}

void connection_close(struct connection *connection) {
    SSL_shutdown(connection->ssl);
    SSL_free(connection->ssl);
    close(connection->socket);
    free(connection->in.bytes);
    free(connection->out.bytes);
    free(connection);
}

// Writability is asked for only while something waits for it.
void connection_watch(struct connection *connection) {
    bool waits = connection->out.end > connection->out.begin || SSL_want_write(connection->ssl);
    uint32_t wanted = EPOLLIN | (waits ? EPOLLOUT : 0);
    if (wanted == connection->watched) return;
    struct epoll_event event = {.events = wanted, .data.ptr = connection};
    connection->watched = wanted;
    if (epoll_ctl(connection->poll, EPOLL_CTL_MOD, connection->socket, &event) != 0) fail("epoll_ctl");
}

static unsigned char *room(struct buffer *buffer, size_t count) {
    if (buffer->begin == buffer->end) buffer->begin = buffer->end = 0;
    if (buffer->capacity - buffer->end < count && buffer->begin > 0) {
        memmove(buffer->bytes, buffer->bytes + buffer->begin, buffer->end - buffer->begin);
        buffer->end -= buffer->begin;
        buffer->begin = 0;
    }
    if (buffer->capacity - buffer->end < count) {
        buffer->capacity = buffer->capacity ? buffer->capacity * 2 : 1024;
        while (buffer->capacity - buffer->end < count) buffer->capacity *= 2;
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
        if (!buffer->bytes) fail("no memory");
    }
    return buffer->bytes + buffer->end;
}

static bool must_wait(SSL *ssl, int answer) {
    int error = SSL_get_error(ssl, answer);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return true;
    ERR_clear_error();
    return false;
}

bool connection_progress(struct connection *connection) {
    if (!connection->is_ready) {
        int answer = SSL_do_handshake(connection->ssl);
        if (answer != 1) return must_wait(connection->ssl, answer);
        connection->is_ready = true;
    }
    if (!connection_flush(connection)) return false;
    while (true) {
        unsigned char *space = room(&connection->in, READ_BYTES);
        int count = SSL_read(connection->ssl, space, READ_BYTES);
        if (count <= 0) return must_wait(connection->ssl, count);
        connection->in.end += (size_t)count;
    }
}

bool connection_flush(struct connection *connection) {
    struct buffer *out = &connection->out;
    while (connection->is_ready && out->end > out->begin) {
        size_t waiting = out->end - out->begin;
        int count = SSL_write(
            connection->ssl, out->bytes + out->begin, (int)(waiting < RECORD_BYTES ? waiting : RECORD_BYTES));
        if (count <= 0) return must_wait(connection->ssl, count);
        out->begin += (size_t)count;
    }
    return true;
}

void message_put(struct connection *connection, size_t length, unsigned char kind, uint64_t number) {
    unsigned char *space = room(&connection->out, 4 + length);
    uint32_t prefix = htonl((uint32_t)length);
    memcpy(space, &prefix, 4);
    space[4] = kind;
    memcpy(space + 5, &number, 8);
    memset(space + 13, 'x', length - 9);
    connection->out.end += 4 + length;
}

bool message_take(struct connection *connection, size_t *length, unsigned char *kind, uint64_t *number) {
    struct buffer *in = &connection->in;
    size_t available = in->end - in->begin;
    if (available < 4) return false;
    uint32_t prefix;
    memcpy(&prefix, in->bytes + in->begin, 4);
    *length = ntohl(prefix);
    if (*length < 9 || *length > FRAME_BYTES_MAX) fail("a message of impossible length");
    if (available < 4 + *length) return false;
    *kind = in->bytes[in->begin + 4];
    memcpy(number, in->bytes + in->begin + 5, 8);
    in->begin += 4 + *length;
    return true;
}
