#define _GNU_SOURCE
#include "CStoa.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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
