#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "peer.h"

namespace {

using Stub = std::unique_ptr<stock::Stock::Stub>;

struct Connections {
    Connections(int argc, char **argv) : target("127.0.0.1:" + std::string(text_argument(argc, argv, "port"))) {
        grpc::SslCredentialsOptions options;
        options.pem_root_certs = certificate(argc, argv, "authority.pem");
        options.pem_private_key = certificate(argc, argv, "client.key");
        options.pem_cert_chain = certificate(argc, argv, "client.pem");
        credentials = grpc::SslCredentials(options);
    }

    // Each with a connection of its own: channels share one otherwise.
    Stub open() const {
        grpc::ChannelArguments arguments;
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        arguments.SetSslTargetNameOverride("localhost");
        return stock::Stock::NewStub(grpc::CreateCustomChannel(target, credentials, arguments));
    }

    std::string target;
    std::shared_ptr<grpc::ChannelCredentials> credentials;
};

// Waits until something has been done so many times.
class Countdown {
public:
    explicit Countdown(long count) : left_(count) {}
    void done() {
        std::lock_guard<std::mutex> guard(mutex_);
        if (--left_ == 0) changed_.notify_all();
    }
    void wait() {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!changed_.wait_for(lock, std::chrono::seconds(60), [this] { return left_ <= 0; })) fail("no answers");
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    long left_;
};

void check(const grpc::Status &status, const stock::Response &response, uint64_t number) {
    if (!status.ok()) fail(status.error_message().c_str());
    if (response.number() != number || response.rest().size() != RESPONSE_BYTES - 11) fail("a wrong answer");
}

// One call, to its end.
void find(stock::Stock::Stub &stub, uint64_t number) {
    grpc::ClientContext context;
    stock::Request request;
    stock::Response response;
    fill(request, number, REQUEST_BYTES);
    check(stub.Find(&context, request, &response), response, number);
}

// Does something for each number below `count`, a few at a time.
void crowd(long count, const std::function<void(long)> &work) {
    std::atomic<long> next{0};
    std::vector<std::thread> threads;
    for (long lane = 0; lane < AT_ONCE && lane < count; lane++)
        threads.emplace_back([&] {
            for (long number = next++; number < count; number = next++) work(number);
        });
    for (std::thread &thread : threads) thread.join();
}

struct Window {
    std::atomic<long> answers{0};
    std::atomic<bool> is_measuring{false}, is_over{false};
    latencies round_trips{};
    bool is_alone = false;
};

// Calls again whenever it is answered.
class Lane {
public:
    Lane(stock::Stock::Stub &stub, Window &window, Countdown &ended, uint64_t first)
        : stub_(stub), window_(window), ended_(ended), number_(first) {}

    void next() {
        if (window_.is_over) return ended_.done();
        context_.emplace();
        fill(request_, ++number_, REQUEST_BYTES);
        if (window_.is_alone) asked_at_ = now();
        stub_.async()->Find(&*context_, &request_, &response_, [this](grpc::Status status) {
            check(status, response_, number_);
            window_.answers.fetch_add(1, std::memory_order_relaxed);
            if (window_.is_alone && window_.is_measuring) latencies_add(&window_.round_trips, now() - asked_at_);
            next();
        });
    }

private:
    stock::Stock::Stub &stub_;
    Window &window_;
    Countdown &ended_;
    uint64_t number_;
    double asked_at_ = 0;
    std::optional<grpc::ClientContext> context_;
    stock::Request request_;
    stock::Response response_;
};

void sleep_seconds(const char *seconds) { usleep(static_cast<useconds_t>(atof(seconds) * 1e6)); }

void calls(int argc, char **argv, const Connections &connections, pid_t server) {
    long count = number_argument(argc, argv, "connections"), in_flight = number_argument(argc, argv, "in-flight");
    std::vector<Stub> stubs(static_cast<size_t>(count));
    crowd(count, [&](long number) {
        stubs[number] = connections.open();
        find(*stubs[number], static_cast<uint64_t>(number));
    });
    Window window;
    window.is_alone = count * in_flight == 1;
    Countdown ended(count * in_flight);
    std::vector<std::unique_ptr<Lane>> lanes;
    for (long i = 0; i < count * in_flight; i++)
        lanes.push_back(std::make_unique<Lane>(
            *stubs[i / in_flight], window, ended, static_cast<uint64_t>(i) * 1000000));
    for (auto &lane : lanes) lane->next();
    sleep_seconds(text_argument(argc, argv, "warm-up"));
    moment begin = moment_now(server);
    long before = window.answers;
    window.is_measuring = true;
    sleep_seconds(text_argument(argc, argv, "seconds"));
    moment end = moment_now(server);
    long after = window.answers;
    window.is_measuring = false;
    window.is_over = true;
    ended.wait();
    print_result(after - before, begin, end, &window.round_trips);
}

// Reads a stream to its end; each item must have the next number.
class Reader : public grpc::ClientReadReactor<stock::Response> {
public:
    Reader(stock::Stock::Stub &stub, uint64_t count) {
        fill(request_, count, REQUEST_BYTES);
        stub.async()->List(&context_, &request_, this);
        StartRead(&item_);
        StartCall();
    }

    void OnReadDone(bool ok) override {
        if (!ok) return;
        if (item_.number() != next_++) fail("items came out of turn");
        StartRead(&item_);
    }

    void OnDone(const grpc::Status &status) override {
        if (!status.ok()) fail(status.error_message().c_str());
        ended_.done();
    }

    uint64_t wait() {
        ended_.wait();
        return next_;
    }

private:
    grpc::ClientContext context_;
    stock::Request request_;
    stock::Response item_;
    uint64_t next_ = 0;
    Countdown ended_{1};
};

void stream(int argc, char **argv, const Connections &connections, pid_t server) {
    long count = number_argument(argc, argv, "items");
    Stub stub = connections.open();
    Reader(*stub, static_cast<uint64_t>(count / 10)).wait();
    moment begin = moment_now(server);
    if (Reader(*stub, static_cast<uint64_t>(count)).wait() != static_cast<uint64_t>(count)) fail("items are missing");
    print_result(count, begin, moment_now(server), nullptr);
}

void set_up(int argc, char **argv, const Connections &connections, pid_t server) {
    long count = number_argument(argc, argv, "connections");
    moment begin = moment_now(server);
    crowd(count, [&](long number) { find(*connections.open(), static_cast<uint64_t>(number)); });
    print_result(count, begin, moment_now(server), nullptr);
}

void idle(int argc, char **argv, const Connections &connections, pid_t server) {
    long count = number_argument(argc, argv, "connections");
    std::vector<Stub> stubs(static_cast<size_t>(count));
    double before = resident_kilobytes(server);
    crowd(count, [&](long number) {
        stubs[number] = connections.open();
        find(*stubs[number], static_cast<uint64_t>(number));
    });
    sleep_seconds("0.5");
    print_memory(count, before, resident_kilobytes(server));
}

}  // namespace

int call(int argc, char **argv) {
    Connections connections(argc, argv);
    pid_t server = static_cast<pid_t>(number_argument(argc, argv, "server"));
    std::string measure = text_argument(argc, argv, "measure");
    if (measure == "calls") calls(argc, argv, connections, server);
    else if (measure == "stream") stream(argc, argv, connections, server);
    else if (measure == "set-up") set_up(argc, argv, connections, server);
    else if (measure == "idle") idle(argc, argv, connections, server);
    else fail("no such measure");
    fflush(stdout);
    // Hundreds of channels take their time to close, and nobody waits for that.
    _exit(0);
}
