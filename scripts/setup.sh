#!/usr/bin/env bash
# Installs what is missing of scripts/packages.txt, configures and builds. Sourced by demo.sh and
# test.sh with the targets to build as arguments; a second run touches no network and builds nothing.
# What it does and how long that took goes to stderr, a line for each part.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "$*" >&2; }

# "2 min 31 s" since the second $1.
took() {
  local seconds=$((SECONDS - $1))
  if [ $seconds -ge 60 ]; then echo "$((seconds / 60)) min $((seconds % 60)) s"; else echo "$seconds s"; fi
}

install_packages() {
  local missing=() package state start=$SECONDS
  while read -r package; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
  done < <(grep -v '^#' scripts/packages.txt)
  if [ ${#missing[@]} -eq 0 ]; then
    say "packages: all there"
    return
  fi
  local install="apt-get install -y --no-install-recommends ${missing[*]}" as=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null; then as=(sudo -n); else as=(false); fi
  fi
  say "packages: installing ${missing[*]}"
  if ! { "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
         "${as[@]}" env DEBIAN_FRONTEND=noninteractive $install; } >&2; then
    say "Could not install the packages. Run this, then start again:"
    say "  sudo apt-get update && sudo $install"
    exit 2
  fi
  say "packages: installed ${#missing[@]} in $(took $start)"
}

configure() {
  [ -f build/build.ninja ] && return
  local start=$SECONDS
  mkdir -p build
  if ! cmake --preset default > build/configure.log 2>&1; then
    cat build/configure.log >&2
    exit 2
  fi
  say "configured in $(took $start)"
}

# Reads what ninja writes where it has no terminal: passes warnings and errors on, and in place of a
# line a step says every half minute how far it is, and at the end what was built.
summarise() {
  local line done=0 all=0 start=$SECONDS last=$SECONDS
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      done=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]}
      if [ $((SECONDS - last)) -ge 30 ]; then
        say "built $done of $all steps in $(took $start) ..."
        last=$SECONDS
      fi
    elif [[ $line != "ninja: no work to do." ]]; then
      say "$line"
    fi
  done
  if [ "$done" -gt 0 ]; then say "built $done of $all steps in $(took $start)"; fi
}

build() {
  local start=$SECONDS
  say "building ..."
  if [ -t 2 ]; then
    NINJA_STATUS='[%f of %t steps, %e s] ' ninja -C build "$@" >&2
    say "built in $(took $start)"
  else
    NINJA_STATUS='[%f/%t] ' ninja -C build "$@" 2>&1 | summarise
  fi
}

install_packages
configure
build "$@"
