#define _GNU_SOURCE
#include "CStoa.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int stoa_lock_exclusive(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

int stoa_preallocate(int descriptor, int64_t byte_count) {
    while (fallocate(descriptor, 0, 0, byte_count) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
}

void stoa_lower_thread_priority(void) {
    pid_t thread = (pid_t)syscall(SYS_gettid);
    setpriority(PRIO_PROCESS, (id_t)thread, 19);
    /* IOPRIO_WHO_PROCESS, and the idle class: neither has a name in the C library. */
    syscall(SYS_ioprio_set, 1, thread, 3 << 13);
}

void stoa_set_thread_name(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

static int argument_count;
static char **arguments;

/* The C library calls constructors with what main gets. */
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}

int stoa_argument_count(void) { return argument_count; }

const char *stoa_argument(int index) { return arguments[index]; }

void *stoa_remap(void *address, size_t byte_count, size_t target) {
    void *moved = mremap(address, byte_count, target, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}

void stoa_prepare_malloc(int arena_count) {
    mallopt(M_ARENA_MAX, arena_count);
}

int stoa_trim_malloc(void) {
    return malloc_trim(0);
}

const void *stoa_find(
    const void *text, size_t text_count, const void *sought, size_t sought_count) {
    return memmem(text, text_count, sought, sought_count);
}
