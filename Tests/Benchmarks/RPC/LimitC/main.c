// The limit: what this machine can do with OpenSSL and epoll, one thread at each end, and no RPC at all.
#include "connection.h"

#include <signal.h>

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    end_with_driver();
    return argc > 1 && strcmp(argv[1], "server") == 0 ? serve(argc, argv) : call(argc, argv);
}
