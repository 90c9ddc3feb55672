// A TLS 1.3 connection with length-prefixed messages: four bytes, big-endian, then that many bytes.
#pragma once

#include <openssl/ssl.h>

#include "../Native/candidate.h"

struct buffer {
    unsigned char *bytes;
    size_t begin, end, capacity;
};

struct connection {
    int socket, poll;
    SSL *ssl;
    bool is_ready;
    uint32_t watched;
    struct buffer in, out;
    // Client: numbers of the last request sent and of the last one answered. Server: items of a stream, all and sent.
    long asked, answered;
    double asked_at;
};

enum { FIND = 'F', LIST = 'L' };

// Mutual TLS, version 1.3 only, AES-128-GCM, no session tickets. NAME.pem and NAME.key are this end's.
SSL_CTX *make_context(bool is_server, const char *certificates, const char *name);

struct connection *connection_open(int socket, int poll, SSL_CTX *context, bool is_server);
void connection_close(struct connection *connection);

// Shakes hands, then reads and writes what can be. False when the connection is over.
bool connection_progress(struct connection *connection);
bool connection_flush(struct connection *connection);
void connection_watch(struct connection *connection);

// Puts a message of `length` bytes, of this kind and with this number, behind what waits to be written.
void message_put(struct connection *connection, size_t length, unsigned char kind, uint64_t number);
// Takes the next whole message that was read, if there is one.
bool message_take(struct connection *connection, size_t *length, unsigned char *kind, uint64_t *number);

int serve(int argc, char **argv);
int call(int argc, char **argv);
