#!/usr/bin/env bash
# Compiles the activation kernels for 64-bit ARM and runs an example of them under emulation:
# that they compile there is otherwise by construction only. Wants g++-aarch64-linux-gnu and
# qemu-user-static. Usage: scripts/check_arm.sh [NAME]  (an activation, gelu without one)
set -euo pipefail
cd "$(dirname "$0")/.."
compiler=aarch64-linux-gnu-g++
emulator=qemu-aarch64-static
for tool in "$compiler" "$emulator"; do
  command -v "$tool" >/dev/null || {
    echo "check_arm.sh: $tool is missing; apt-get install g++-aarch64-linux-gnu qemu-user-static" >&2
    exit 2
  }
done
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
flags=(-std=c++20 -O2 -I. -DRECTIFY_ISA=baseline -fno-math-errno -fno-trapping-math -ffp-contract=off)
for source in rectify/activation/*.kernel.cpp; do
  "$compiler" "${flags[@]}" -c "$source" -o "$out/$(basename "$source").o"
done
"$compiler" -std=c++20 -O2 -I. -static examples/activation_arrays.cpp \
  rectify/activation/{activation,arrays,dispatch,properties}.cpp \
  rectify/base/{instruction_set,text}.cpp "$out"/*.o -o "$out/activation_arrays"
"$emulator" "$out/activation_arrays" "$@"
