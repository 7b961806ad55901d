#define _GNU_SOURCE
#include "internal.h"

#include <time.h>

// Instructions bound a script, but some take the longer the more data they meet: text compared by the byte, keys
// that collide in a table, text read as a number. So time bounds it too. The verdict must not hang on the machine, hence:
// the bound is far beyond what the whole budget of instructions takes when nothing is amiss; processor time counts, not
// what neighbours use; and a call ended by time looks the same as one ended by instructions.

enum {
    // So long nothing is looked at but a clock that costs next to nothing and moves every few milliseconds.
    PATIENCE_NS = 3 * 1000 * 1000,
    // Processor time from there on, which costs more to read than ten instructions.
    ALLOWANCE_NS = 8 * 1000 * 1000,
};

// Noting lines makes everything slower, and so do sanitizers.
static const int64_t allowance_with_lines_ns = 50 * (int64_t)ALLOWANCE_NS;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

static int64_t read_clock(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return 0;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t rough_time(void) {
#ifdef CLOCK_MONOTONIC_COARSE
    return read_clock(CLOCK_MONOTONIC_COARSE);
#else
    return read_clock(CLOCK_MONOTONIC);
#endif
}

void watch_start(policy_host *host) {
    host->armed_at = rough_time();
    host->looked_at = host->armed_at;
    host->is_watched = false;
    host->counts_parts = false;
    host->parts = 0;
}

bool watch_is_over(policy_host *host) {
    int64_t now = rough_time();
    if (now == host->looked_at) return false;
    host->looked_at = now;
    if (!host->is_watched) {
        if (now - host->armed_at <= PATIENCE_NS) return false;
        host->is_watched = true;
        host->watched_from = read_clock(CLOCK_THREAD_CPUTIME_ID);
    }
#ifdef IS_SANITIZED
    int64_t allowed = allowance_with_lines_ns;
#else
    int64_t allowed = host->notes_lines ? allowance_with_lines_ns : ALLOWANCE_NS;
    if (host->is_compiling) allowed *= 2;
#endif
    return read_clock(CLOCK_THREAD_CPUTIME_ID) - host->watched_from > allowed;
}
