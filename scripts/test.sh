#!/usr/bin/env bash
# Builds everything and runs the whole test suite: once as it is, and the numeric tests again under
# each narrower instruction set that the processor has. Arguments go to ctest.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup.sh" all

code=0
ctest --preset default "$@" || code=$?

# What tests/on_set.sh said, a line a set and program.
said=$(grep -a '^instruction set ' build/Testing/Temporary/LastTest.log | sort -u || true)
echo "Instruction sets: the suite ran on $(build/bin/rectify --version)"
if [ -n "$said" ]; then echo "${said//instruction set /  }"; fi
if [ $# = 0 ]; then
  for set in $(sed -n 's/^RECTIFY_ASKED_ISAS:INTERNAL=//p' build/CMakeCache.txt | tr ';' ' '); do
    grep -q "^instruction set $set: " <<<"$said" || {
      echo "test.sh: nothing was said of the instruction set $set: its tests are missing" >&2
      code=1
    }
  done
fi
exit $code
