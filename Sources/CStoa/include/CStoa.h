/* What Swift cannot reach: one CPU instruction, two constructors, a few system calls that the
   importer cannot express. No policy and no allocation in here. */
#ifndef CSTOA_H
#define CSTOA_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli, RFC 3720) of `count` bytes, continuing from `crc`; start with 0. */
uint32_t stoa_crc32c(uint32_t crc, const void *bytes, size_t count);

/* Open-file-description write lock on the whole file: 0, or the errno.
   Unlike POSIX record locks it is not lost when another descriptor of the file is closed. */
int stoa_lock_exclusive(int descriptor);

/* fallocate(2) without changing what is already in the file: 0, or the errno. */
int stoa_preallocate(int descriptor, int64_t byte_count);

/* For each of `block_count` blocks of 64 bytes, four masks, one behind the other: bit i says that
   byte i of the block is `bytes[0]` … `bytes[3]`. Swift has no way to a register's byte mask. */
void stoa_byte_masks(
    const void *text, size_t block_count, const uint8_t bytes[4], uint64_t *masks);

/* Spreads `count` numbers of 1, 2, 4 or 8 bytes over the rows of `mask_count` masks: row i of a
   mask gets the number of the next row whose bit is set. Returns how many masks were done: it
   stops before one that could need a number behind the last, which may be the first. Swift has
   no way to a permutation by a table. */
size_t stoa_spread(
    const void *source, size_t count, size_t byte_count, const uint64_t *masks,
    size_t mask_count, void *target);

/* target[i] = table[codes[i]]; codes are below 16. */
void stoa_look_up(
    const uint8_t *codes, size_t count, const uint16_t table[16], uint16_t *target);

/* For each of `word_count` blocks of 64 bytes a mask: bit i says that byte i is not zero. */
void stoa_flag_bits(const void *flags, size_t word_count, uint64_t *words);

/* Guards a mapped file against SIGBUS. A page of the range that cannot be read (the file was cut,
   or the device fails) is replaced by zeros and counted, and reading goes on; the reader asks
   afterwards whether pages were lost. Returns the range's number, or -1 when there are too many.
   Faults outside all ranges go to the handler that was there before. */
int stoa_guard_add(const void *address, size_t byte_count);

/* Ends the guard; the mapping must still be there. */
void stoa_guard_remove(int index);

/* How many pages of a range were lost so far. */
uint64_t stoa_guard_lost(int index);

/* How many pages of all ranges were lost since the process began. */
uint64_t stoa_guard_lost_total(void);

/* Lets the calling thread have what others leave: of the processors and, where the kernel
   schedules them, of the disks. */
void stoa_lower_thread_priority(void);

/* mremap(2) of a private mapping, which may move: its new address, or NULL. Variadic in C. */
void *stoa_remap(void *address, size_t byte_count, size_t target);

/* Sets malloc up for a daemon: few arenas, so that free memory is not scattered over one for each
   thread, and large blocks as mappings of their own. Before the first thread starts. */
void stoa_prepare_malloc(int arena_count);

/* Gives free memory inside the heap back to the system; true when there was any. */
int stoa_trim_malloc(void);

/* memmem(3), which Swift's view of the C library lacks: linear in the lengths. */
const void *stoa_find(
    const void *text, size_t text_count, const void *sought, size_t sought_count);

/* Names the calling thread, at most 15 bytes, for top(1) and debuggers. */
void stoa_set_thread_name(const char *name);

/* How many words the command line has, and each of them; the program's name is number 0. */
int stoa_argument_count(void);
const char *stoa_argument(int index);

#endif
