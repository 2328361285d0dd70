#!/usr/bin/env bash
# Builds Plateau with its tests and runs them; arguments go to ctest, for example: ./test.sh -R recording
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$root/third_party/build.sh" --tests
exec ctest --test-dir "$root/build" --output-on-failure --no-tests=error --parallel 2 "$@"
