#define _GNU_SOURCE
#include "internal.h"

#include <pthread.h>

enum { STACK_ROOM = 1024 * 1024 };

// The lowest address of this thread's stack, found once per thread; 1 when it cannot be known.
static _Thread_local uintptr_t stack_floor;

static uintptr_t find_stack_floor(void) {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 1;
    void *lowest = NULL;
    size_t size = 0;
    int failed = pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return failed || lowest == NULL ? 1 : (uintptr_t)lowest;
}

static bool has_room(void) {
    if (stack_floor == 0) stack_floor = find_stack_floor();
    if (stack_floor == 1) return false;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return here > stack_floor && here - stack_floor >= STACK_ROOM + 64 * 1024;
}

typedef struct {
    void (*body)(void *);
    void *context;
} errand;

static void *run_errand(void *argument) {
    errand *task = argument;
    task->body(task->context);
    return NULL;
}

bool stack_with_room(void (*body)(void *), void *context) {
    if (has_room()) {
        body(context);
        return true;
    }
    errand task = {body, context};
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0) return false;
    int failed = pthread_attr_setstacksize(&attributes, 2 * STACK_ROOM);
    if (!failed) failed = pthread_create(&thread, &attributes, run_errand, &task);
    pthread_attr_destroy(&attributes);
    if (failed) return false;
    pthread_join(thread, NULL);
    return true;
}
