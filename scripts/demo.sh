#!/usr/bin/env bash
# The main job on embedded data: compares three activations on written digits that the program makes
# itself, and leaves a report that a browser opens. Arguments go to `rectify compare`. With five hidden
# layers the choice shows in a few seconds of training.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup.sh" rectify_cli

build/bin/rectify compare --data glyphs --activations relu,tanh,sigmoid \
  --hidden 100,100,100,100,100 --epochs 5 --seeds 3 --out out/demo --force "$@"
echo "Open out/demo/report.html in a browser." >&2
