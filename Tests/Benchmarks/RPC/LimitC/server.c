#define _GNU_SOURCE
#include "connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { EVENTS_MAX = 256, BACKLOG = 1024, WAITING_BYTES_MAX = 256 * 1024 };

static int listen_on_free_port(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, BACKLOG) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        fail("no port to listen on");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void accept_all(int listener, int poll, SSL_CTX *context) {
    while (true) {
        int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (socket < 0) return;
        int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connection_open(socket, poll, context, true);
    }
}

// Streams items while the client keeps up.
static bool stream(struct connection *connection) {
    while (connection->answered < connection->asked) {
        while (connection->answered < connection->asked &&
               connection->out.end - connection->out.begin < WAITING_BYTES_MAX)
            message_put(connection, ITEM_BYTES, LIST, (uint64_t)connection->answered++);
        if (!connection_flush(connection)) return false;
        if (connection->out.end > connection->out.begin) return true;
    }
    return true;
}

static bool answer(struct connection *connection) {
    if (!connection_progress(connection)) return false;
    size_t length;
    unsigned char kind;
    uint64_t number;
    while (message_take(connection, &length, &kind, &number)) {
        if (length != REQUEST_BYTES) return false;
        if (kind == FIND) {
            message_put(connection, RESPONSE_BYTES, FIND, number);
        } else {
            connection->asked = (long)number;
            connection->answered = 0;
        }
    }
    if (!stream(connection) || !connection_flush(connection)) return false;
    connection_watch(connection);
    return true;
}

int serve(int argc, char **argv) {
    SSL_CTX *context = make_context(true, text_argument(argc, argv, "certificates"), "server");
    int listener = listen_on_free_port();
    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS_MAX];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    while (true) {
        int count = epoll_wait(poll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!connection)
                accept_all(listener, poll, context);
            else if (!answer(connection))
                connection_close(connection);
        }
    }
}
