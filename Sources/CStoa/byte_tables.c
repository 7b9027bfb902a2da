#include "CStoa.h"

#ifdef __AVX2__
#include <immintrin.h>

/* Bits of m below bit j: which number the j-th row of eight gets. */
#define PLACE(m, j) __builtin_popcount((m) & ((1 << (j)) - 1))
#define EIGHT(m)                                                                               \
    { PLACE(m, 0), PLACE(m, 1), PLACE(m, 2), PLACE(m, 3),                                      \
      PLACE(m, 4), PLACE(m, 5), PLACE(m, 6), PLACE(m, 7) }
#define TIMES4(x, m) x(m), x((m) + 1), x((m) + 2), x((m) + 3)
#define TIMES16(x, m)                                                                          \
    TIMES4(x, m), TIMES4(x, (m) + 4), TIMES4(x, (m) + 8), TIMES4(x, (m) + 12)
#define TIMES64(x, m)                                                                          \
    TIMES16(x, m), TIMES16(x, (m) + 16), TIMES16(x, (m) + 32), TIMES16(x, (m) + 48)
static const uint8_t places[256][8] __attribute__((aligned(64))) = {
    TIMES64(EIGHT, 0), TIMES64(EIGHT, 64), TIMES64(EIGHT, 128), TIMES64(EIGHT, 192)};

/* The same for four rows of 64 bits, as places of their halves. */
#define HALVES(m, j) 2 * PLACE(m, j), 2 * PLACE(m, j) + 1
#define FOUR(m) { HALVES(m, 0), HALVES(m, 1), HALVES(m, 2), HALVES(m, 3) }
static const uint32_t half_places[16][8] __attribute__((aligned(64))) = {TIMES16(FOUR, 0)};

static inline size_t bits_below(uint64_t mask, int bit) {
    return (size_t)__builtin_popcountll(mask & (((uint64_t)1 << bit) - 1));
}

static inline void spread_longs(const uint64_t *source, uint64_t mask, uint64_t *target) {
    for (int row = 0; row < 64; row += 4) {
        const void *from = source + bits_below(mask, row);
        __m256i order = _mm256_load_si256((const void *)half_places[mask >> row & 15]);
        __m256i found = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(from), order);
        _mm256_storeu_si256((void *)(target + row), found);
    }
}

static inline void spread_words(const uint32_t *source, uint64_t mask, uint32_t *target) {
    for (int row = 0; row < 64; row += 8) {
        const void *from = source + bits_below(mask, row);
        __m128i order = _mm_loadl_epi64((const void *)places[mask >> row & 255]);
        __m256i found = _mm256_permutevar8x32_epi32(
            _mm256_loadu_si256(from), _mm256_cvtepu8_epi32(order));
        _mm256_storeu_si256((void *)(target + row), found);
    }
}

static inline void spread_shorts(const uint16_t *source, uint64_t mask, uint16_t *target) {
    for (int row = 0; row < 64; row += 8) {
        const void *from = source + bits_below(mask, row);
        __m128i order = _mm_loadl_epi64((const void *)places[mask >> row & 255]);
        order = _mm_add_epi8(order, order);
        order = _mm_unpacklo_epi8(order, _mm_add_epi8(order, _mm_set1_epi8(1)));
        __m128i found = _mm_shuffle_epi8(_mm_loadu_si128(from), order);
        _mm_storeu_si128((void *)(target + row), found);
    }
}

static inline void spread_bytes(const uint8_t *source, uint64_t mask, uint8_t *target) {
    for (int row = 0; row < 64; row += 8) {
        const void *from = source + bits_below(mask, row);
        __m128i order = _mm_loadl_epi64((const void *)places[mask >> row & 255]);
        __m128i found = _mm_shuffle_epi8(_mm_loadl_epi64(from), order);
        _mm_storel_epi64((void *)(target + row), found);
    }
}

size_t stoa_spread(
    const void *source, size_t count, size_t byte_count, const uint64_t *masks,
    size_t mask_count, void *target) {
    const uint8_t *from = source;
    uint8_t *to = target;
    size_t next = 0, index = 0;
    for (; index < mask_count; index++) {
        uint64_t mask = masks[index];
        size_t taken = (size_t)__builtin_popcountll(mask);
        /* Each step reads up to eight numbers from the next one on. */
        if (next + taken + 8 > count) break;
        const uint8_t *first = from + next * byte_count;
        uint8_t *rows = to + index * 64 * byte_count;
        switch (byte_count) {
        case 8: spread_longs((const void *)first, mask, (void *)rows); break;
        case 4: spread_words((const void *)first, mask, (void *)rows); break;
        case 2: spread_shorts((const void *)first, mask, (void *)rows); break;
        default: spread_bytes(first, mask, rows); break;
        }
        next += taken;
    }
    return index;
}

void stoa_look_up(
    const uint8_t *codes, size_t count, const uint16_t table[16], uint16_t *target) {
    uint8_t bytes[32];
    for (int code = 0; code < 16; code++) {
        bytes[code] = (uint8_t)table[code];
        bytes[code + 16] = (uint8_t)(table[code] >> 8);
    }
    __m128i low = _mm_loadu_si128((const void *)bytes);
    __m128i high = _mm_loadu_si128((const void *)(bytes + 16));
    size_t row = 0;
    for (; row + 16 <= count; row += 16) {
        __m128i code = _mm_loadu_si128((const void *)(codes + row));
        __m128i lows = _mm_shuffle_epi8(low, code), highs = _mm_shuffle_epi8(high, code);
        _mm_storeu_si128((void *)(target + row), _mm_unpacklo_epi8(lows, highs));
        _mm_storeu_si128((void *)(target + row + 8), _mm_unpackhi_epi8(lows, highs));
    }
    for (; row < count; row++) target[row] = table[codes[row] & 15];
}

#else

size_t stoa_spread(
    const void *source, size_t count, size_t byte_count, const uint64_t *masks,
    size_t mask_count, void *target) {
    return 0;
}

void stoa_look_up(
    const uint8_t *codes, size_t count, const uint16_t table[16], uint16_t *target) {
    for (size_t row = 0; row < count; row++) target[row] = table[codes[row] & 15];
}

#endif
