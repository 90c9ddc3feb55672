// Tells ThreadSanitizer of the slow path of Swift's Mutex, loaded before the standard library (LD_PRELOAD).
//
// A contended Mutex is handed over by the kernel, inside a library that is not instrumented: ThreadSanitizer sees no order
// between one owner and the next, and would call what the Mutex guards a race. The fast path it sees by itself.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

// The runtime's own; absent in the programs that a test starts, which are not instrumented.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

typedef SWIFT void (*lock_function)(uint32_t thread, SELF);
typedef SWIFT bool (*try_function)(SELF);
typedef SWIFT void (*unlock_function)(SELF);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void sluice_lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool sluice_try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void sluice_unlock(SELF) __asm__(UNLOCK);

SWIFT void sluice_lock(uint32_t thread, SELF) {
    ((lock_function)dlsym(RTLD_NEXT, LOCK))(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT bool sluice_try_lock(SELF) {
    bool is_locked = ((try_function)dlsym(RTLD_NEXT, TRY_LOCK))(self);
    if (is_locked && __tsan_acquire) __tsan_acquire(self);
    return is_locked;
}

SWIFT void sluice_unlock(SELF) {
    if (__tsan_release) __tsan_release(self);
    ((unlock_function)dlsym(RTLD_NEXT, UNLOCK))(self);
}
