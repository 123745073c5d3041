#!/usr/bin/env bash
# Builds everything and runs the whole test suite. Arguments go to ctest.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup.sh" all

ctest --preset default "$@"
