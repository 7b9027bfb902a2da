"""The hot kernels of the built programs are vector code, and the check that says so can tell."""

import platform
import sys
import unittest
from contextlib import nullcontext

from harness import ROOT, program
from user import as_root, can_be_root

sys.path.insert(0, str(ROOT / "tools" / "lib"))

import vector_check  # noqa: E402

IS_X86 = platform.machine() == "x86_64"


class KernelTests(unittest.TestCase):
    def test_hot_kernels_do_packed_arithmetic(self):
        if not IS_X86:
            return  # The registers that are looked for are those of x86-64.
        wanted = {*vector_check.KERNELS, vector_check.SCALAR}
        found = {}
        for name in ("stoad", "stoa"):
            # The toolchain finds its libraries for a whole user only.
            with as_root() if can_be_root else nullcontext():
                counts = vector_check.counts(program(name), wanted)
            for kernel, count in counts.items():
                found[kernel] = max(count, found.get(kernel, 0))
        self.assertEqual(list(vector_check.complaints(found)), [])
        scalar = list(vector_check.complaints(found, [vector_check.SCALAR]))
        self.assertEqual(len(scalar), 1, "a scalar function is reported")
        self.assertIn("not vectorised", scalar[0])

    def test_a_kernel_that_is_gone_is_reported(self):
        found = list(vector_check.complaints({}, ["SumKernels.sum"]))
        self.assertEqual(len(found), 1)
        self.assertIn("not in the programs", found[0])

    def test_only_packed_arithmetic_counts(self):
        def counts(line):
            return bool(vector_check.PACKED.search(line)
                        and not vector_check.ZEROING.search(line))
        for line in (" 4: \tvpaddq %ymm0,%ymm1,%ymm2", " 4: \tvmulpd (%rax),%ymm1,%ymm2",
                     " 4: \tvpsrlvd %ymm0,%ymm1,%ymm2", " 4: \tvcmpltpd %ymm0,%ymm1,%ymm2",
                     " 4: \tvfmadd231pd %ymm0,%ymm1,%ymm2"):
            self.assertTrue(counts(line), line)
        for line in (" 4: \tvmovdqu (%rax),%ymm0", " 4: \tvpxor %ymm0,%ymm0,%ymm0",
                     " 4: \tadd %rax,%rbx", " 4: \tvaddsd %xmm0,%xmm1,%xmm2",
                     " 4: \tvpaddq %xmm0,%xmm1,%xmm2"):
            self.assertFalse(counts(line), line)
