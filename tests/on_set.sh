#!/usr/bin/env bash
# Runs a test program as on a processor with no more than one instruction set:
#     tests/on_set.sh SET RECTIFY PROGRAM [ARGUMENT ...]
# SET is what RECTIFY_ISA takes, RECTIFY the built program. Ends with 77, which CTest calls skipped,
# where the processor lacks the set or has no wider one, which the rest of the suite has run on.
# Says what it did in a line "instruction set ...", which scripts/test.sh collects.
set -uo pipefail
set=$1 rectify=$2
shift 2
unset RECTIFY_ISA ONEDNN_MAX_CPU_ISA DNNL_MAX_CPU_ISA

own=$("$rectify" --version) || exit 1
here=$(RECTIFY_ISA=$set "$rectify" --version 2>&1)
code=$?
name=$(basename "$1")
if [ "$here" = "$own" ]; then
  echo "instruction set $set: skipped, it is this processor's own, on which the suite runs anyway"
  exit 77
elif [ $code = 1 ] && [[ $here == *"RECTIFY_ISA asks for '$set', which this processor cannot run"* ]]; then
  echo "instruction set $set: skipped, ${here##*error: }"
  exit 77
elif [ $code != 0 ]; then
  echo "$here"
  exit 1
fi
begin=$SECONDS
RECTIFY_ISA=$set "$@"
code=$?
echo "instruction set $set: $name $([ $code = 0 ] && echo passed || echo FAILED), $((SECONDS - begin)) s"
exit $code
