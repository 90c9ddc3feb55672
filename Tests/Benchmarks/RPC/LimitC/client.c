#define _GNU_SOURCE
#include "connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { EVENTS_MAX = 256 };

static SSL_CTX *context;
static int poll_handle;
static uint16_t port;

static struct connection *connect_one(void) {
    int handle = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (handle < 0 || connect(handle, (struct sockaddr *)&address, sizeof address) != 0) fail("no connection");
    setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(handle, F_SETFL, O_NONBLOCK);
    return connection_open(handle, poll_handle, context, false);
}

static void ask(struct connection *connection) {
    message_put(connection, REQUEST_BYTES, FIND, (uint64_t)++connection->asked);
}

static void flush(struct connection *connection) {
    if (!connection_flush(connection)) fail("the connection was lost");
    connection_watch(connection);
}

// Reads what came; each message must have the next number, for the server answers in turn. Returns how many came.
static long take(struct connection *connection, size_t expected_length, long first) {
    if (!connection_progress(connection)) fail("the connection was lost");
    size_t length;
    unsigned char kind;
    uint64_t number;
    long count = 0;
    while (message_take(connection, &length, &kind, &number)) {
        if (length != expected_length || number != (uint64_t)(connection->answered + first)) fail("a wrong answer");
        connection->answered++;
        count++;
    }
    return count;
}

// Opens connections a few at a time, each with one call, which is answered when this returns.
static void open_all(struct connection **connections, long count) {
    long opened = 0, answered = 0;
    struct epoll_event events[EVENTS_MAX];
    while (answered < count) {
        while (opened < count && opened - answered < AT_ONCE) {
            struct connection *connection = connections[opened++] = connect_one();
            ask(connection);
            // Begins the handshake; what the server has answered by then is not told of again.
            answered += take(connection, RESPONSE_BYTES, 1);
        }
        if (answered == count) return;
        int ready = epoll_wait(poll_handle, events, EVENTS_MAX, 10000);
        if (ready <= 0) fail("no answer to the first calls");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            answered += take(connection, RESPONSE_BYTES, 1);
            flush(connection);
        }
    }
}

struct window {
    double warm_until, end_at;
    bool is_measuring;
    struct moment begin;
    long count;
    struct latencies latencies;
};

static void calls(int argc, char **argv, pid_t server) {
    long count = number_argument(argc, argv, "connections"), in_flight = number_argument(argc, argv, "in-flight");
    struct connection **connections = calloc((size_t)count, sizeof *connections);
    open_all(connections, count);
    struct window window = {.warm_until = now() + atof(text_argument(argc, argv, "warm-up"))};
    window.end_at = window.warm_until + atof(text_argument(argc, argv, "seconds"));
    bool is_alone = count * in_flight == 1;
    for (long i = 0; i < count; i++) {
        connections[i]->asked_at = now();
        for (long j = 0; j < in_flight; j++) ask(connections[i]);
        flush(connections[i]);
    }
    struct epoll_event events[EVENTS_MAX];
    while (true) {
        int ready = epoll_wait(poll_handle, events, EVENTS_MAX, 10000);
        if (ready <= 0) fail("no answers");
        double time = now();
        if (!window.is_measuring && time >= window.warm_until) {
            window.is_measuring = true;
            window.begin = moment_now(server);
        }
        if (window.is_measuring && time >= window.end_at) break;
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            long answers = take(connection, RESPONSE_BYTES, 1);
            if (window.is_measuring) window.count += answers;
            if (is_alone && answers == 1) {
                double end = now();
                if (window.is_measuring) latencies_add(&window.latencies, end - connection->asked_at);
                connection->asked_at = end;
            }
            for (long j = 0; j < answers; j++) ask(connection);
            flush(connection);
        }
    }
    print_result(window.count, window.begin, moment_now(server), &window.latencies);
}

static void list(struct connection *connection, long count) {
    connection->answered = 0;
    message_put(connection, REQUEST_BYTES, LIST, (uint64_t)count);
    flush(connection);
    struct epoll_event events[EVENTS_MAX];
    while (connection->answered < count) {
        if (epoll_wait(poll_handle, events, EVENTS_MAX, 10000) <= 0) fail("the stream stopped");
        take(connection, ITEM_BYTES, 0);
        connection_watch(connection);
    }
}

static void stream(int argc, char **argv, pid_t server) {
    long count = number_argument(argc, argv, "items");
    struct connection *connection;
    open_all(&connection, 1);
    list(connection, count / 10);
    struct moment begin = moment_now(server);
    list(connection, count);
    print_result(count, begin, moment_now(server), NULL);
}

// Closes a connection whose call was answered. Returns how many were closed.
static long close_answered(struct connection *connection) {
    if (take(connection, RESPONSE_BYTES, 1) == 0) {
        flush(connection);
        return 0;
    }
    connection_close(connection);
    return 1;
}

static void set_up(int argc, char **argv, pid_t server) {
    long count = number_argument(argc, argv, "connections"), opened = 0, done = 0;
    struct epoll_event events[EVENTS_MAX];
    struct moment begin = moment_now(server);
    while (true) {
        while (opened < count && opened - done < AT_ONCE) {
            struct connection *connection = connect_one();
            opened++;
            ask(connection);
            done += close_answered(connection);
        }
        if (done == count) break;
        int ready = epoll_wait(poll_handle, events, EVENTS_MAX, 10000);
        if (ready <= 0) fail("no answers");
        for (int i = 0; i < ready; i++) done += close_answered(events[i].data.ptr);
    }
    print_result(count, begin, moment_now(server), NULL);
}

static void idle(int argc, char **argv, pid_t server) {
    long count = number_argument(argc, argv, "connections");
    struct connection **connections = calloc((size_t)count, sizeof *connections);
    double before = resident_kilobytes(server);
    open_all(connections, count);
    usleep(500000);
    print_memory(count, before, resident_kilobytes(server));
}

int call(int argc, char **argv) {
    const char *measure = text_argument(argc, argv, "measure");
    pid_t server = (pid_t)number_argument(argc, argv, "server");
    port = (uint16_t)number_argument(argc, argv, "port");
    context = make_context(false, text_argument(argc, argv, "certificates"), "client");
    poll_handle = epoll_create1(0);
    if (strcmp(measure, "calls") == 0)
        calls(argc, argv, server);
    else if (strcmp(measure, "stream") == 0)
        stream(argc, argv, server);
    else if (strcmp(measure, "set-up") == 0)
        set_up(argc, argv, server);
    else if (strcmp(measure, "idle") == 0)
        idle(argc, argv, server);
    else
        fail("no such measure");
    return 0;
}
