#include "CStoa.h"

#include <string.h>

#if defined(__x86_64__)

#include <nmmintrin.h>

__attribute__((target("sse4.2"))) uint32_t stoa_crc32c(
    uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *p = bytes;
    uint64_t state = ~crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        state = _mm_crc32_u64(state, word);
        p += 8;
        count -= 8;
    }
    while (count-- > 0) state = _mm_crc32_u8((uint32_t)state, *p++);
    return ~(uint32_t)state;
}

#elif defined(__aarch64__)

#include <arm_acle.h>

__attribute__((target("crc"))) uint32_t stoa_crc32c(
    uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *p = bytes;
    uint32_t state = ~crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        state = __crc32cd(state, word);
        p += 8;
        count -= 8;
    }
    while (count-- > 0) state = __crc32cb(state, *p++);
    return ~state;
}

#else
#error "Stoa runs on x86-64 and arm64"
#endif
