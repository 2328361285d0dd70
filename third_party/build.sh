#!/usr/bin/env bash
# Installs what is missing, configures build/ and compiles. run.sh and test.sh share it, and its folder.
# Usage: third_party/build.sh [--tests]       --tests: the test programs too
# All messages go to standard error, so that the output of `./run.sh run … --json` stays clean.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build
tests=${1-}

"$root/third_party/install.sh" $tests

# One compiler that includes LibTorch takes about 1 GB: never more of them than fit into memory.
jobs() {
  local available limit
  available=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2> /dev/null || true)
  if limit=$(cat /sys/fs/cgroup/memory.max 2> /dev/null) && [[ $limit != max ]]; then
    limit=$((limit / 1048576))
    ((limit < ${available:=$limit})) && available=$limit
  fi
  local count fitting=$((${available:-1200} / 1200))
  count=$(nproc)
  ((fitting < count)) && count=$fitting
  echo $((count > 0 ? count : 1))
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs a command quietly; shows the end of its output if it fails.
quietly() {
  if ! "$@" > "$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "plateau: '$1' failed (see above)" >&2
    exit 1
  fi
}

# run.sh leaves a configured folder as it is; test.sh turns the tests on in it; both keep all objects.
configure=(cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release)
cached() { sed -n "s/^$1=//p" "$build/CMakeCache.txt" 2> /dev/null || true; }
configured=''
if [[ -e $build/build.ninja ]]; then
  configured=yes
  if [[ $(cached CMAKE_HOME_DIRECTORY:INTERNAL) != "$root" ]]; then
    configure+=(--fresh) # the checkout was moved
    configured=''
  elif [[ $tests && $(cached PLATEAU_TESTS:BOOL) != ON ]]; then
    configured=''
  fi
fi
if [[ ! $configured ]]; then
  quietly "${configure[@]}" -DPLATEAU_TESTS="$([[ $tests ]] && echo ON || echo OFF)"
fi

target=plateau
[[ $tests ]] && target=all
compile=(cmake --build "$build" --parallel "$(jobs)" --target "$target")
if [[ ! $configured || ! -e $build/plateau ]]; then
  echo 'Compiling Plateau (once; this takes some minutes) …' >&2
elif [[ -t 2 ]]; then
  compile+=(-- --quiet) # mostly there is nothing to do
fi
if [[ -t 2 ]]; then
  "${compile[@]}" >&2 || { echo 'plateau: compiling failed (see above)' >&2; exit 1; }
else
  quietly "${compile[@]}"
fi
