#include "CStoa.h"

#include <string.h>

typedef uint8_t bytes64 __attribute__((ext_vector_type(64)));
typedef _Bool mask64 __attribute__((ext_vector_type(64)));

/* By pointer: vectors of this size have no calling convention without AVX-512. */
static inline uint64_t mask_of(const bytes64 *text, uint8_t byte) {
    mask64 found = __builtin_convertvector(*text == (bytes64)byte, mask64);
    uint64_t word;
    memcpy(&word, &found, 8);
    return word;
}

void stoa_byte_masks(
    const void *text, size_t block_count, const uint8_t bytes[4], uint64_t *masks) {
    const unsigned char *p = text;
    uint8_t a = bytes[0], b = bytes[1], c = bytes[2], d = bytes[3];
    for (size_t block = 0; block < block_count; block++, p += 64, masks += 4) {
        bytes64 block_bytes;
        memcpy(&block_bytes, p, 64);
        masks[0] = mask_of(&block_bytes, a);
        masks[1] = mask_of(&block_bytes, b);
        masks[2] = mask_of(&block_bytes, c);
        masks[3] = mask_of(&block_bytes, d);
    }
}

void stoa_flag_bits(const void *flags, size_t word_count, uint64_t *words) {
    const unsigned char *p = flags;
    for (size_t word = 0; word < word_count; word++, p += 64) {
        bytes64 block_bytes;
        memcpy(&block_bytes, p, 64);
        words[word] = ~mask_of(&block_bytes, 0);
    }
}
