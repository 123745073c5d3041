#include <algorithm>
#include <cmath>
#include <string>

#include "rectify/base/error.h"
#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

double value(const std::string& f, double a, double b) {
  if (f == "add") return a + b;
  if (f == "and") return a != 0 && b != 0;
  if (f == "divide") return a / b;
  if (f == "equal") return a == b;
  if (f == "greater") return a > b;
  if (f == "greater_equal") return a >= b;
  if (f == "less") return a < b;
  if (f == "less_equal") return a <= b;
  if (f == "max") return std::max(a, b);
  if (f == "min") return std::min(a, b);
  if (f == "modulo") return a - b * std::floor(a / b);
  if (f == "multiply") return a * b;
  if (f == "or") return a != 0 || b != 0;
  if (f == "power") return std::pow(a, b);
  if (f == "quotient") return std::trunc(a / b);
  if (f == "remainder") return a - b * std::trunc(a / b);
  if (f == "slope") return a < 0 ? a * b : a;
  if (f == "subtract") return a - b;
  if (f == "xor") return (a != 0) != (b != 0);
  fail("no reference for ", f);
}

void forward(Context& c) {
  fill(c, [&](std::int64_t sample, const Index& index) {
    return value(c.node.attributes.word("function"), at(c, 0, sample, index),
                 at(c, 1, sample, index));
  });
}

}  // namespace

std::span<const Loop> pairwise() {
  static const Loop all[] = {{"pairwise", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
