// C++ gRPC with its callback API, the fastest it has, and generated messages; settings as they come.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "../Native/candidate.h"
#include "stock.grpc.pb.h"

// A message of `bytes` bytes: nine for the number, two before the rest.
template <typename Message>
void fill(Message &message, uint64_t number, int bytes) {
    message.set_number(number);
    message.mutable_rest()->assign(static_cast<size_t>(bytes - 11), 'x');
}

inline std::string certificate(int argc, char **argv, const char *file) {
    std::ifstream stream(std::string(text_argument(argc, argv, "certificates")) + "/" + file);
    std::stringstream text;
    text << stream.rdbuf();
    if (text.str().empty()) fail("a certificate cannot be read");
    return text.str();
}

int serve(int argc, char **argv);
int call(int argc, char **argv);
