/* Runs before main: the rest of the binary may be compiled for x86-64-v3, so on an older CPU it
   would die of an illegal instruction. This file's code is compiled for plain x86-64 and says
   which feature is missing instead. */
#include <stdio.h>
#include <stdlib.h>

#if defined(__x86_64__) && defined(__AVX2__)

#define PLAIN __attribute__((target("arch=x86-64")))

PLAIN __attribute__((constructor(101))) static void stoa_check_cpu(void) {
    __builtin_cpu_init();
    const char *missing = NULL;
    if (!__builtin_cpu_supports("avx2")) missing = "AVX2";
    else if (!__builtin_cpu_supports("bmi2")) missing = "BMI2";
    else if (!__builtin_cpu_supports("fma")) missing = "FMA";
    if (missing == NULL) return;
    fprintf(stderr,
        "stoa: this build needs an x86-64-v3 processor; this one lacks %s. "
        "Build with 'swift build -c release' for any x86-64.\n", missing);
    _Exit(1);
}

#endif
