#!/bin/sh
# Installs a build into an empty folder and uses it from there as another project would: the
# examples by find_package, shared and static, and the one in C by pkg-config, under valgrind. Then
# what docs/installing.md shows: its CMakeLists.txt, C++ by pkg-config, the source as a subdirectory,
# the Debian package.
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

# The compiler's preprocessor finds whatever a header includes, or fails.
(cd "$prefix/include" && find . -name '*.h' | sed 's/.*/#include "&"/' |
  c++ -std=c++20 -x c++ -M -I . - > /dev/null)
if grep -rnE '#include <[^>]*[./]' "$prefix/include" | grep -vE '<(signal|stddef|sys/mman)\.h>'; then
  say "an installed header includes a header of another library"
  exit 1
fi
say "$(find "$prefix/include" -name '*.h' | wc -l) headers find what they include"

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
mkdir "$work/hidden"
mv "$(find "$prefix" -name rectify-shared.cmake)" "$work/hidden"
if cmake "$work/shared" > "$work/log" 2>&1 || ! grep -q RECTIFY_SHARED=ON "$work/log"; then
  say "find_package(rectify COMPONENTS shared) does not say that the shared library is not installed"
  exit 1
fi
mv "$work/hidden/rectify-shared.cmake" "$(dirname "$(find "$prefix" -name rectify-static.cmake)")"

libraries=$(dirname "$(find "$prefix" -name rectify.pc)")
# Whoever has installed only the Debian package has no .pc files of the libraries that it depends on.
PKG_CONFIG_LIBDIR=$libraries pkg-config --cflags --libs rectify > /dev/null
export PKG_CONFIG_PATH="$libraries"
cc -std=c99 -Wall -Wextra -Wpedantic -Werror "$source/examples/predict.c" -o "$work/predict" \
  $(pkg-config --cflags --libs rectify)
export LD_LIBRARY_PATH="$libraries/.."
"$work/predict" "$model" | cmp - "$work/shared.answer"
say "C by pkg-config: the same answers"
# shellcheck disable=SC2046
cc "$source/examples/predict.c" -o "$work/predict_static" $(pkg-config --cflags rectify) \
  $(pkg-config --static --libs rectify | sed 's/-lrectify/-l:librectify.a/')
"$work/predict_static" "$model" | cmp - "$work/shared.answer"
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

# Configured only: to compile all sources once more takes minutes.
mkdir "$work/parent"
sed "s|^find_package(rectify .*|add_subdirectory($source rectify)|" "$work/page/CMakeLists.txt" \
  > "$work/parent/CMakeLists.txt"
cp "$source/examples/train_mlp.cpp" "$work/parent"
quietly cmake -S "$work/parent" -B "$work/parent/build"
if find "$work/parent/build" -name CPackConfig.cmake -o -name CTestTestfile.cmake | grep . ||
  grep -r --include=cmake_install.cmake 'file(INSTALL' "$work/parent/build"; then
  say "a project with this one as a subdirectory gets its tests, its package or its installation"
  exit 1
fi
say "docs/installing.md: its project with the source as a subdirectory"

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
