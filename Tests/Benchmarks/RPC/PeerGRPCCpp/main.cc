#include "peer.h"

int main(int argc, char **argv) {
    end_with_driver();
    return argc > 1 && strcmp(argv[1], "server") == 0 ? serve(argc, argv) : call(argc, argv);
}
