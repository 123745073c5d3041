#!/bin/sh
# Compiles the C++ that README.md and the pages of docs/ show: their indented blocks with an #include.
# Each block stands in the scope of the block before it, and a page gets only the includes that it
# shows. README.md's whole program is left out: it is one of examples/.
#
#   tests/docs/compile.sh COMPILER SOURCE
set -eu
compiler=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source"

# What a block may use without saying where it comes from. The types are only declared, so that a page
# whose includes do not define them fails.
cat > "$work/names.h" << 'end'
#include <span>
namespace rectify {
class ThreadPool;
namespace data {
struct Dataset;
}
namespace model {
struct Model;
}
}  // namespace rectify
using Sample = std::span<const float>;
template <class... T>
void show(const T&...) {}
end

# Writes a page's includes, then its blocks as one function. The #line directives make the compiler's
# messages name the line of the page.
cat > "$work/program.awk" << 'end'
function finish(  i, shown) {
  for (i = 1; i <= lines; ++i) {
    if (line[i] ~ /^#include/) shown = 1
    if (line[i] ~ /^int main\(/) lines = 0
  }
  if (shown && lines) {
    body = body "{\n"
    ends = ends "}"
    for (i = 1; i <= lines; ++i) {
      place = "#line " number[i] " \"" FILENAME "\"\n"
      if (line[i] ~ /^#include/) print place line[i]
      else body = body place line[i] "\n"
    }
  }
  lines = 0
}
/^    / { line[++lines] = substr($0, 5); number[lines] = FNR; next }
/^$/ { next }
{ finish() }
END {
  finish()
  if (!ends) exit
  print "using namespace rectify;"
  print "void page(ThreadPool& threads, data::Dataset& dataset, model::Model& model,"
  print "          Sample a, Sample b, Sample c, std::span<const double> means) {"
  print body ends "}"
}
end

found='' failed=''
for page in README.md docs/*.md; do
  awk -f "$work/program.awk" "$page" > "$work/page.cpp"
  test -s "$work/page.cpp" || continue
  found=yes
  echo "docs: $page"
  "$compiler" -std=c++20 -fsyntax-only -I. -include "$work/names.h" "$work/page.cpp" || failed=yes
done
test -n "$found" && test -z "$failed"
