#!/usr/bin/env bash
# Builds the benchmarks and runs Rectify beside every peer that is found, in turns: figures to
# out/bench.json, the document to docs/benchmarks.md. The packages that it can use are listed in
# scripts/bench-packages.txt; what is not installed is left out, and said so.
#
#   scripts/bench.sh [--quick] [--python PYTHON]... [ROW]...
#
# --quick takes a few minutes and writes out/bench-quick.json and no document. PYTHON is an
# interpreter with PyTorch; python3, /usr/bin/python3, python3.11 and .peers/bin/python are tried
# anyway (python3 -m venv .peers && .peers/bin/pip install torch). Arguments go to bench/speed.py.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup.sh" rectify_cli
cmake -B build -DRECTIFY_BENCHMARKS=ON >/dev/null
cmake --build build >&2

# What somebody set for other programs would be every peer's as-installed.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE

pythons=()
for python in python3 /usr/bin/python3 python3.11 .peers/bin/python; do
  command -v "$python" >/dev/null && pythons+=(--python "$python")
done
mkdir -p out
exec python3 bench/speed.py "${pythons[@]}" "$@"
