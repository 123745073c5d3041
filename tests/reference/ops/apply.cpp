#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "rectify/base/error.h"
#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

double softplus(double x) { return std::log(1 + std::exp(x)); }

double value(const std::string& f, double x, double a, double b) {
  using Function = double (*)(double);
  static const std::map<std::string, Function> named = {
      {"abs", std::fabs},    {"acos", std::acos},    {"acosh", std::acosh},     {"asin", std::asin},
      {"asinh", std::asinh}, {"atan", std::atan},    {"atanh", std::atanh},     {"ceil", std::ceil},
      {"cos", std::cos},     {"cosh", std::cosh},    {"erf", std::erf},         {"exp", std::exp},
      {"floor", std::floor}, {"log", std::log},      {"round", std::nearbyint}, {"sin", std::sin},
      {"sinh", std::sinh},   {"softplus", softplus}, {"sqrt", std::sqrt},       {"tan", std::tan},
      {"tanh", std::tanh}};
  if (const auto found = named.find(f); found != named.end()) return found->second(x);
  if (f == "clip") return x < a ? a : x > b ? b : x;
  if (f == "elu") return x < 0 ? a * (std::exp(x) - 1) : x;
  if (f == "gelu") return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
  if (f == "gelu_tanh")
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
  if (f == "hard_sigmoid") return std::clamp(a * x + b, 0.0, 1.0);
  if (f == "hard_swish") return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
  if (f == "is_nan") return x != x;
  if (f == "leaky") return x < 0 ? a * x : x;
  if (f == "minus") return -x;
  if (f == "mish") return x * std::tanh(softplus(x));
  if (f == "not") return x == 0;
  if (f == "reciprocal") return 1 / x;
  if (f == "selu") return b * (x < 0 ? a * (std::exp(x) - 1) : x);
  if (f == "shrink") return x < -a ? x + b : x > a ? x - b : 0;
  if (f == "sigmoid") return 1 / (1 + std::exp(-x));
  if (f == "sign") return (x > 0) - (x < 0);
  fail("no reference for ", f);
}

void forward(Context& c) {
  const graph::Attributes& how = c.node.attributes;
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = value(how.word("function"), c.in(0)[i], how.number("a"), how.number("b"));
}

}  // namespace

std::span<const Loop> apply() {
  static const Loop all[] = {{"apply", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
