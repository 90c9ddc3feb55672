#include <grpcpp/grpcpp.h>

#include "peer.h"

namespace {

// Streams items one by one. Told that more follow (set_buffer_hint), gRPC 1.51 waits for ever at some point.
class Lister : public grpc::ServerWriteReactor<stock::Response> {
public:
    explicit Lister(uint64_t count) : count_(count) { write_next(); }
    void OnWriteDone(bool ok) override {
        if (ok) write_next();
        else Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

private:
    void write_next() {
        if (number_ == count_) return Finish(grpc::Status::OK);
        fill(item_, number_++, ITEM_BYTES);
        StartWrite(&item_);
    }

    uint64_t count_, number_ = 0;
    stock::Response item_;
};

class Stock : public stock::Stock::CallbackService {
    grpc::ServerUnaryReactor *Find(
        grpc::CallbackServerContext *context, const stock::Request *request, stock::Response *response) override {
        fill(*response, request->number(), RESPONSE_BYTES);
        grpc::ServerUnaryReactor *reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }

    grpc::ServerWriteReactor<stock::Response> *List(
        grpc::CallbackServerContext *, const stock::Request *request) override {
        return new Lister(request->number());
    }
};

}  // namespace

int serve(int argc, char **argv) {
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = certificate(argc, argv, "authority.pem");
    options.pem_key_cert_pairs.push_back(
        {certificate(argc, argv, "server.key"), certificate(argc, argv, "server.pem")});
    Stock service;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
    builder.RegisterService(&service);
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (!server || port == 0) fail("no port to listen on");
    printf("%d\n", port);
    fflush(stdout);
    server->Wait();
    return 0;
}
