#!/bin/sh
# Installs a build into an empty folder and uses it from there as another project would: the
# examples by find_package, shared and static, and the one in C by pkg-config, under valgrind. Then
# what docs/installing.md shows: its CMakeLists.txt, C++ by pkg-config, the Debian package.
#
#   tests/package/check.sh BUILD SOURCE MODEL
set -eu
build=$1 source=$2 model=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
say() { echo "package: $*"; }
quietly() { "$@" > "$work/log" 2>&1 || { cat "$work/log"; say "failed: $*"; exit 1; }; }

quietly cmake --install "$build" --prefix "$prefix"
"$prefix/bin/rectify" --version
for page in rectify rectify-train rectify-data-show; do
  test -s "$prefix/share/man/man1/$page.1" || { say "no manual page $page"; exit 1; }
done
bash -n "$prefix/share/bash-completion/completions/rectify"

for kind in shared static; do
  test $kind = static || ls "$prefix"/lib*/librectify.so > /dev/null 2>&1 || continue
  quietly cmake -S "$source/tests/package/consumer" -B "$work/$kind" -DCMAKE_PREFIX_PATH="$prefix" \
    -DKIND=$kind -DEXAMPLES="$source/examples"
  quietly cmake --build "$work/$kind" -j2
  quietly "$work/$kind/activation_arrays"
  "$work/$kind/predict" "$model" > "$work/$kind.answer"
  say "$kind: $(ldd "$work/$kind/predict" | grep -c librectify || true) shared librectify," \
    "$(wc -l < "$work/$kind.answer") answers"
done
cmp "$work/static.answer" "$work/shared.answer"

libraries=$(dirname "$(find "$prefix" -name rectify.pc)")
export PKG_CONFIG_PATH="$libraries"
cc -std=c99 -Wall -Wextra -Wpedantic -Werror "$source/examples/predict.c" -o "$work/predict" \
  $(pkg-config --cflags --libs rectify)
export LD_LIBRARY_PATH="$libraries/.."
"$work/predict" "$model" | cmp - "$work/shared.answer"
say "C by pkg-config: the same answers"
if "$work/predict" "$source/README.md" 2> "$work/log"; then
  say "a model that is none was loaded"
  exit 1
fi
cat "$work/log"
if command -v valgrind > /dev/null; then
  quietly valgrind --leak-check=full --show-leak-kinds=definite,indirect,possible \
    --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=9 "$work/predict" "$model"
  sed -n 's/^==[0-9]*== *\(definitely lost\|ERROR SUMMARY\)/package: valgrind: \1/p' "$work/log"
fi

mkdir "$work/page"
sed -n '/^<!-- CMakeLists.txt -->/,/^<!-- end -->/s/^    //p' "$source/docs/installing.md" \
  > "$work/page/CMakeLists.txt"
cp "$source/examples/train_mlp.cpp" "$work/page"
quietly cmake -S "$work/page" -B "$work/page/build" -DCMAKE_PREFIX_PATH="$prefix"
quietly cmake --build "$work/page/build"
test -x "$work/page/build/digits"
# shellcheck disable=SC2046
c++ -std=c++20 "$source/examples/train_mlp.cpp" -o "$work/digits" $(pkg-config --cflags --libs rectify)
ldd "$work/digits" | grep -q "$prefix.*librectify"
say "docs/installing.md: its project by find_package, C++ by pkg-config"

if command -v dpkg-deb > /dev/null && command -v dpkg-shlibdeps > /dev/null; then
  # Not compressed, which takes longer than all else here.
  (cd "$work" && quietly cpack --config "$build/CPackConfig.cmake" \
    -D CPACK_DEBIAN_COMPRESSION_TYPE=none -B "$work/packed")
  package=$(ls "$work"/packed/rectify_*.deb)
  dpkg-deb -f "$package" Depends | grep -q libdnnl
  dpkg-deb -x "$package" "$work/root"
  loaded=$(dirname "$(find "$work/root" -name librectify.so)")
  LD_LIBRARY_PATH=$loaded "$work/root/usr/bin/rectify" --version > /dev/null
  rm -r "$work/page/build"
  quietly cmake -S "$work/page" -B "$work/page/build" -DCMAKE_PREFIX_PATH="$work/root/usr"
  quietly cmake --build "$work/page/build"
  say "$(basename "$package"): the program, and the page's project by find_package"
fi
say done
