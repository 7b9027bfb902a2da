#define _GNU_SOURCE
#include "CStoa.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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

static int argument_count;
static char **arguments;

/* The C library calls constructors with what main gets. */
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}

int stoa_argument_count(void) { return argument_count; }

const char *stoa_argument(int index) { return arguments[index]; }
