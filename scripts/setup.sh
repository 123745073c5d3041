#!/usr/bin/env bash
# Installs what is missing of scripts/packages.txt, configures and builds. Sourced by demo.sh and
# test.sh with the targets to build as arguments; a second run touches no network and builds nothing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
while read -r package; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done < <(grep -v '^#' scripts/packages.txt)

if [ ${#missing[@]} -gt 0 ]; then
  install="apt-get install -y --no-install-recommends ${missing[*]}"
  as=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null; then as=(sudo -n); else as=(false); fi
  fi
  echo "Installing: ${missing[*]}" >&2
  if ! { "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
         "${as[@]}" env DEBIAN_FRONTEND=noninteractive $install; } >&2; then
    echo "Could not install the packages. Run this, then start again:" >&2
    echo "  sudo apt-get update && sudo $install" >&2
    exit 2
  fi
fi

[ -f build/build.ninja ] || cmake --preset default >&2
cmake --build build --target "$@" >&2
