#!/usr/bin/env bash
# Builds Plateau if need be and runs it with the given arguments; without any, the window on the default study.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$root/third_party/build.sh"
exec "$root/build/plateau" "$@"
