# Shared by the tools: finds the repository, installs what is missing, knows the one build
# configuration. Sourced, not run; needs bash.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# The version of the test oracle; the differential suite's list of differences belongs to it.
duckdb_version=2.0.0
# The other reader of the files that tests import; tests know its differences too.
reader_packages=(pandas==3.1.1 python-dateutil==4.0.0)
# What makes and holds the trades of the benchmarks.
array_packages=(pyarrow==26.0.1 numpy==2.4.6)
# The systems of tools/bench/compare; chdb is ClickHouse as a library.
peer_packages=(crc32c==2.9.post0 chdb==4.4.0 chdb-core==26.9.0 polars==2.1.0 datafusion==55.0.0)

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 1
}

# Prints the comment at the head of the calling script, without its marks.
print_help() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

# The flags of the one build configuration: the same for build and test, so that neither
# rebuilds what the other built. Programs keep the names of their functions and their frame
# pointers, for `perf` and for the backtrace of a crash, but not the lines of the source: those
# were two thirds of a program.
build_flags=(-c release --explicit-target-dependency-import-check error -debug-info-format none)
[ "$(uname -m)" = x86_64 ] && build_flags+=(-Xcc -march=x86-64-v3)
test_flags=("${build_flags[@]}" --disable-testable-imports --disable-xctest)

# Whether the system has what a package of it would bring.
# Each is linked into the programs, so its archive has to be there.
has_archive() { # HEADER NAME
    [ -e "/usr/include/$1" ] &&
        { compgen -G "/usr/lib*/$2" || compgen -G "/usr/lib*/*/$2"; } >/dev/null
}
has_lz4() { has_archive lz4.h liblz4.a; }
has_zlib() { has_archive zlib.h libz.a; }
has_zstd() { has_archive zstd.h libzstd.a; }
has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

# The packages of the system that are missing, one per line; with `python` also those that tests
# and benchmarks need.
missing_packages() {
    has_lz4 || echo liblz4-dev
    has_zlib || echo zlib1g-dev
    has_zstd || echo libzstd-dev
    command -v git >/dev/null || echo git
    [ "${1:-}" = python ] || return 0
    command -v python3 >/dev/null || echo python3
    has_venv || echo python3-venv
}

# Installs missing packages (`python`: those of tests too), or, without root, prints the line that
# does. Asks the network for nothing when nothing is missing.
ensure_system() {
    command -v swift >/dev/null ||
        fail "no swift on the PATH; install the Swift 6.3 toolchain from https://swift.org/install"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    case "$version" in
        [0-5].* | 6.[0-2]) fail "Swift $version is too old; Stoa is built with Swift 6.3" ;;
    esac
    local packages
    packages=$(missing_packages "$@" | tr '\n' ' ')
    [ -z "$packages" ] && return
    command -v apt-get >/dev/null || fail "install what these Debian packages hold: $packages"
    local line="apt-get update && apt-get install -y --no-install-recommends $packages"
    if [ "$(id -u)" != 0 ]; then
        say "missing: $packages"
        say "run:     sudo sh -c '$line'"
        exit 1
    fi
    say "installing $packages"
    DEBIAN_FRONTEND=noninteractive sh -c "$line" >&2
}

# Makes a Python environment at $1 with the packages that follow, unless it has them.
ensure_venv() {
    local folder=$1
    shift
    local stamp
    stamp=$folder/$(printf '%s\n' "$@" | cksum | tr -d ' ').stamp
    [ -e "$stamp" ] && return
    say "making $folder with $*"
    python3 -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
    touch "$stamp"
}

# The environment of the tests: the differential suite's oracle, the readers that imports are
# compared with, and what makes trades.
ensure_python() {
    ensure_venv .venv "duckdb==$duckdb_version" "${array_packages[@]}" "${reader_packages[@]}"
}

# The environment of tools/bench/compare, with the systems Stoa is compared to.
ensure_bench_python() {
    ensure_venv .venv-bench "duckdb==$duckdb_version" "${array_packages[@]}" "${peer_packages[@]}"
}

# Builds the programs, in the one configuration.
build_programs() { swift build "${build_flags[@]}" "$@" >&2; }

# The folder of the built programs.
bin_path() { swift build "${build_flags[@]}" --show-bin-path 2>/dev/null; }
