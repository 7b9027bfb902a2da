#define _GNU_SOURCE
#include "CStoa.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
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

void stoa_set_thread_name(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

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
