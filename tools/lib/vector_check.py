"""Whether the hot kernels of the built programs are vector code: vector_check.py PROGRAM….

Disassembles every kernel of KERNELS and counts instructions that do packed arithmetic in 256-bit
registers. A kernel without, or one that is no longer found under its name, fails. With --list
prints what was counted for every function whose name looks like a kernel's.
"""

import argparse
import platform
import re
import subprocess
import sys

# Names as the demangler prints them, without module and arguments. Each must be in a program.
KERNELS = [
    "BitPacking.unpackBytes", "BitPacking.unpackShorts", "BitPacking.unpackWords",
    "NumberKernels.scaleBytes", "NumberKernels.scaleShorts", "NumberKernels.scaleWords",
    "NumberKernels.widenBytesToWords", "NumberKernels.widenBytesToLongs",
    "NumberKernels.widenShortsToWords", "NumberKernels.widenWordsToLongs",
    "CompareKernels.inRange", "SumKernels.sum", "SumKernels.bounds",
    "LaneSums.products", "FloatKernels.sum", "FloatKernels.moments", "FloatKernels.keep",
]
# A function that is known to be scalar: were it counted as vector code, the check would be blind.
SCALAR = "Checksum.crc32c"
LEAST_COUNT = 2
LOOKS_LIKE_KERNEL = re.compile(r"\b(\w*Kernels|BitPacking|PrefixSum|LaneSums|Checksum)\.\w+")
PACKED = re.compile(
    r"\s(vp(add|sub|mul|madd|cmp|min|max|sll|srl|sra|and|andn|or|xor|blend|shuf|perm|movzx|movsx"
    r"|unpck|sad|avg|abs)\w*|v(add|sub|mul|div|min|max|cmp\w*|fn?m(add|sub)\d*)p[sd])\s.*%ymm")
ZEROING = re.compile(r"vp?xor\w*\s+(%ymm\d+),\1,\1")


def run(*arguments, text=None):
    done = subprocess.run(arguments, input=text, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{arguments[0]} failed: {done.stderr.strip()[:400]}")
    return done.stdout


def functions(program):
    """(kernel's name, start, end) of the functions whose names look like a kernel's."""
    found = []
    for line in run("nm", "--numeric-sort", "--print-size", program).splitlines():
        parts = line.split()
        if len(parts) == 4 and parts[2] in "tT" and re.search(
                r"Kernel|BitPacking|PrefixSum|LaneSums|Checksum", parts[3]):
            found.append((int(parts[0], 16), int(parts[1], 16), parts[3]))
    names = run("swift", "demangle", "--simplified", text="\n".join(f[2] for f in found) + "\n")
    for (start, size, _), name in zip(found, names.splitlines(), strict=True):
        match = LOOKS_LIKE_KERNEL.search(name)
        if match and "closure" not in name and "metadata" not in name:
            yield match[0], start, start + size


def packed_count(program, start, end):
    """Instructions of packed arithmetic between two addresses."""
    text = run("objdump", "--disassemble", "--no-show-raw-insn", f"--start-address={start}",
               f"--stop-address={end}", program)
    return sum(
        bool(PACKED.search(line)) and not ZEROING.search(line) for line in text.splitlines())


def counts(program, wanted=None):
    """Packed instructions by kernel; of several functions of one name, of all together."""
    found = {}
    for name, start, end in functions(program):
        if wanted is None or name in wanted:
            found[name] = found.get(name, 0) + packed_count(program, start, end)
    return found


def complaints(found, kernels=KERNELS):
    """What is wrong, one sentence each."""
    for name in kernels:
        if name not in found:
            yield f"{name} is not in the programs: it was renamed, or is inlined everywhere"
        elif found[name] < LEAST_COUNT:
            yield f"{name} is not vectorised: {found[name]} packed instructions"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="+")
    parser.add_argument("--list", action="store_true", help="print every kernel's count")
    options = parser.parse_args()
    if platform.machine() != "x86_64":
        print(f"nothing to check on {platform.machine()}")
        return
    found = {}
    for program in options.programs:
        wanted = None if options.list else {*KERNELS, SCALAR}
        for name, count in counts(program, wanted).items():
            found[name] = max(count, found.get(name, 0))
    if options.list:
        for name, count in sorted(found.items()):
            print(f"{count:6} {name}")
        return
    wrong = list(complaints(found))
    if not list(complaints(found, [SCALAR])):
        wrong.append(f"{SCALAR} counts as vectorised: the check sees nothing")
    for text in wrong:
        print(text, file=sys.stderr)
    print(f"{len(KERNELS)} kernels checked, {len(wrong)} complaints")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
