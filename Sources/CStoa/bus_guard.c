#define _GNU_SOURCE
#include "CStoa.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* As many mappings as Linux gives a process by default. Pages that are never touched cost
   nothing. */
enum { SLOT_COUNT = 65536 };

struct slot {
    /* 0: the slot is free. Written last when a range is added, first when it is removed. */
    atomic_uintptr_t start;
    atomic_uintptr_t end;
    atomic_uint_fast64_t lost_count;
};

static struct slot slots[SLOT_COUNT];
/* Slots from here on were never used: the handler looks no further. */
static atomic_int used_count;
static atomic_uint_fast64_t lost_total;
static uintptr_t page_size;

/* Under `guardian`. */
static pthread_mutex_t guardian = PTHREAD_MUTEX_INITIALIZER;
static int free_slots[SLOT_COUNT];
static int free_count;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct sigaction previous;

/* Calls nothing but mmap, which is a plain system call, and the handler that was there before. */
static void did_fault(int number, siginfo_t *info, void *context) {
    int saved = errno;
    uintptr_t address = (uintptr_t)info->si_addr;
    /* A signal that a process sent has no address. */
    int count = info->si_code > 0 ? atomic_load(&used_count) : 0;
    for (int index = 0; index < count; index++) {
        struct slot *slot = &slots[index];
        uintptr_t start = atomic_load(&slot->start);
        if (start == 0 || address < start || address >= atomic_load(&slot->end)) continue;
        void *page = (void *)(address & ~(page_size - 1));
        /* Counted first: who sees a zero of the new page also sees that it was lost. */
        atomic_fetch_add(&slot->lost_count, 1);
        atomic_fetch_add(&lost_total, 1);
        void *made = mmap(
            page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (made == MAP_FAILED) break;
        errno = saved;
        return;
    }
    errno = saved;
    if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction != NULL) {
        previous.sa_sigaction(number, info, context);
        return;
    }
    /* Without an own handler the access is made again, and ends the process as it should. */
    struct sigaction plain;
    memset(&plain, 0, sizeof plain);
    plain.sa_handler = SIG_DFL;
    sigaction(SIGBUS, &plain, NULL);
    if (info->si_code <= 0) raise(SIGBUS);
}

static void install(void) {
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = did_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

int stoa_guard_add(const void *address, size_t byte_count) {
    pthread_once(&once, install);
    pthread_mutex_lock(&guardian);
    int index = -1;
    if (free_count > 0) {
        index = free_slots[--free_count];
    } else if (atomic_load(&used_count) < SLOT_COUNT) {
        index = atomic_load(&used_count);
        atomic_store(&used_count, index + 1);
    }
    if (index >= 0) {
        struct slot *slot = &slots[index];
        atomic_store(&slot->lost_count, 0);
        atomic_store(&slot->end, (uintptr_t)address + byte_count);
        atomic_store(&slot->start, (uintptr_t)address);
    }
    pthread_mutex_unlock(&guardian);
    return index;
}

void stoa_guard_remove(int index) {
    if (index < 0) return;
    pthread_mutex_lock(&guardian);
    atomic_store(&slots[index].start, 0);
    free_slots[free_count++] = index;
    pthread_mutex_unlock(&guardian);
}

uint64_t stoa_guard_lost(int index) {
    return index < 0 ? 0 : atomic_load(&slots[index].lost_count);
}

uint64_t stoa_guard_lost_total(void) { return atomic_load(&lost_total); }
