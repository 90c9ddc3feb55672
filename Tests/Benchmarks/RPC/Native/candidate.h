// What the RPC candidates in C and C++ share: arguments, clocks, memory and the result line. The same as RPC/Candidate in Swift.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_BYTES = 124, RESPONSE_BYTES = 125, ITEM_BYTES = 117, AT_ONCE = 8 };

// A candidate whose answers are wrong has no figures.
__attribute__((noreturn)) static inline void fail(const char *problem) {
    fprintf(stderr, "%s\n", problem);
    exit(1);
}

// The value of NAME=VALUE; the driver always gives what is needed.
static inline const char *text_argument(int argc, char **argv, const char *name) {
    size_t length = strlen(name);
    for (int i = 2; i < argc; i++)
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') return argv[i] + length + 1;
    fprintf(stderr, "the argument %s=... is missing\n", name);
    exit(1);
}

static inline long number_argument(int argc, char **argv, const char *name) {
    return atol(text_argument(argc, argv, name));
}

static inline double clock_seconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) fail("the server is gone");
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline double now(void) { return clock_seconds(CLOCK_MONOTONIC); }

// When something was done, and the processor seconds of both ends until then.
struct moment {
    double time, client, server;
};

static inline struct moment moment_now(pid_t server) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    clockid_t clock;
    if (clock_getcpuclockid(server, &clock) != 0) fail("the server is gone");
    struct moment moment;
    moment.time = now();
    moment.client = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    moment.server = clock_seconds(clock);
    return moment;
}

static inline double resident_kilobytes(pid_t process) {
    char line[256];
    snprintf(line, sizeof line, "/proc/%d/status", (int)process);
    FILE *file = fopen(line, "r");
    if (!file) fail("the server is gone");
    double kilobytes = 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0) kilobytes = atof(line + 6);
    fclose(file);
    return kilobytes;
}

// Round trips of one connection with one call in flight, in seconds.
struct latencies {
    double *values;
    size_t count, capacity;
};

static inline void latencies_add(struct latencies *latencies, double value) {
    if (latencies->count == latencies->capacity) {
        latencies->capacity = latencies->capacity ? latencies->capacity * 2 : 65536;
        latencies->values = (double *)realloc(latencies->values, latencies->capacity * sizeof(double));
        if (!latencies->values) fail("no memory");
    }
    latencies->values[latencies->count++] = value;
}

static inline int compare_doubles(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static inline void print_result(long count, struct moment begin, struct moment end, struct latencies *latencies) {
    if (count <= 0) fail("nothing was answered in the measured time");
    printf(
        "{\"count\":%ld,\"rate\":%f,\"clientMicroseconds\":%f,\"serverMicroseconds\":%f", count,
        (double)count / (end.time - begin.time), (end.client - begin.client) * 1e6 / (double)count,
        (end.server - begin.server) * 1e6 / (double)count);
    if (latencies && latencies->count > 0) {
        qsort(latencies->values, latencies->count, sizeof(double), compare_doubles);
        printf(
            ",\"p50\":%f,\"p99\":%f", latencies->values[latencies->count / 2] * 1e6,
            latencies->values[latencies->count * 99 / 100] * 1e6);
    }
    printf("}\n");
}

static inline void print_memory(long connections, double before, double after) {
    printf(
        "{\"count\":%ld,\"baseKilobytes\":%f,\"kilobytes\":%f}\n", connections, before,
        (after - before) / (double)connections);
}

static inline void *wait_for_driver(void *unused) {
    char byte;
    while (read(0, &byte, 1) > 0) {}
    exit(0);
    return unused;
}

// The driver holds our standard input: however it ends, so do we.
static inline void end_with_driver(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_for_driver, NULL) != 0) fail("no thread");
}
