#!/usr/bin/env bash
# Installs the Debian packages of packages.txt that are missing; silent when there are none.
# Usage: third_party/install.sh [--tests]     --tests: also what only the tests need
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  echo "plateau: $*" >&2
  exit 1
}

kinds='build'
case ${1-} in
  '') ;;
  --tests) kinds='build|test' ;;
  *) fail "unknown option '$1'; the only one is --tests" ;;
esac

# A LibTorch of one's own (CMAKE_PREFIX_PATH) takes the place of Debian's, which python3-torch would bring along.
own_torch() {
  local prefix
  local IFS=':;'
  for prefix in ${CMAKE_PREFIX_PATH-}; do
    [[ -e $prefix/share/cmake/Torch/TorchConfig.cmake || -e $prefix/Torch/TorchConfig.cmake ]] && return 0
  done
  [[ -n ${Torch_DIR-} ]]
}

wanted=()
while read -r kind package; do
  [[ $kind =~ ^($kinds)$ ]] || continue
  [[ $package == libtorch-dev || $package == python3-torch ]] && own_torch && continue
  wanted+=("$package")
done < "$folder/packages.txt"

if ! command -v dpkg-query > /dev/null; then
  # Not Debian: CMake says what is missing, under its own name.
  [[ -n ${PLATEAU_NO_INSTALL-} ]] && exit 0
  fail "this system has no dpkg; install what provides these Debian packages, then set PLATEAU_NO_INSTALL=1: ${wanted[*]}"
fi

((${#wanted[@]})) || exit 0
missing=()
installed=$'\n'$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2> /dev/null || true)$'\n'
for package in "${wanted[@]}"; do
  [[ $installed == *$'\n'"$package installed"$'\n'* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0
[[ -n ${PLATEAU_NO_INSTALL-} ]] && exit 0

by_hand="apt-get install --no-install-recommends ${missing[*]}"
command -v apt-get > /dev/null || fail "there is no apt-get; install these packages by hand: ${missing[*]}"

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo > /dev/null || fail "neither root nor sudo; as root, run: $by_hand"
  as_root=(sudo)
  # Without a terminal nobody can type a password.
  [[ -t 0 ]] || as_root+=(-n)
fi

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" >> "$log" 2>&1 < /dev/null
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Installing ${#missing[@]} Debian packages (once): ${missing[*]}" >&2
[[ ${#as_root[@]} -eq 0 || ! -t 0 ]] || sudo -v || fail "sudo was refused; as root, run: $by_hand"
# A stale list is better than none: only the installation decides.
apt_get update || true
if ! apt_get install --no-install-recommends "${missing[@]}"; then
  tail -n 15 "$log" >&2
  fail "apt-get failed (see above); as root, run: apt-get update && $by_hand"
fi
