#include <algorithm>
#include <cmath>

#include "rectify/graph/functions.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

/// y = f(x) for n elements; f reads the numbers a and b.
using Loop = void (*)(const float* x, float* y, std::size_t n, float a, float b);

template <class F>
constexpr Loop loop(F) {
  return [](const float* x, float* y, std::size_t n, float a, float b) {
    for (std::size_t i = 0; i < n; ++i) y[i] = F{}(x[i], a, b);
  };
}

constexpr float root_half = 0.70710678f, gelu_slope = 0.79788456f, gelu_cubic = 0.044715f;

float softplus(float x) { return std::max(x, 0.0f) + std::log1p(std::exp(-std::abs(x))); }

struct Named {
  std::string_view name;
  Loop loop;
};

const Named functions[] = {
    {"abs", loop([](float x, float, float) { return std::abs(x); })},
    {"acos", loop([](float x, float, float) { return std::acos(x); })},
    {"acosh", loop([](float x, float, float) { return std::acosh(x); })},
    {"asin", loop([](float x, float, float) { return std::asin(x); })},
    {"asinh", loop([](float x, float, float) { return std::asinh(x); })},
    {"atan", loop([](float x, float, float) { return std::atan(x); })},
    {"atanh", loop([](float x, float, float) { return std::atanh(x); })},
    {"ceil", loop([](float x, float, float) { return std::ceil(x); })},
    {"clip", loop([](float x, float a, float b) { return std::min(std::max(x, a), b); })},
    {"cos", loop([](float x, float, float) { return std::cos(x); })},
    {"cosh", loop([](float x, float, float) { return std::cosh(x); })},
    {"elu", loop([](float x, float a, float) { return x < 0 ? a * std::expm1(x) : x; })},
    {"erf", loop([](float x, float, float) { return std::erf(x); })},
    {"exp", loop([](float x, float, float) { return std::exp(x); })},
    {"floor", loop([](float x, float, float) { return std::floor(x); })},
    {"gelu", loop([](float x, float, float) { return x / 2 * (1 + std::erf(x * root_half)); })},
    {"gelu_tanh", loop([](float x, float, float) {
       return x / 2 * (1 + std::tanh(gelu_slope * (x + gelu_cubic * x * x * x)));
     })},
    {"hard_sigmoid",
     loop([](float x, float a, float b) { return std::min(std::max(a * x + b, 0.0f), 1.0f); })},
    {"hard_swish",
     loop([](float x, float, float) { return x * std::min(std::max(x / 6 + 0.5f, 0.0f), 1.0f); })},
    {"is_nan", loop([](float x, float, float) { return std::isnan(x) ? 1.0f : 0.0f; })},
    {"leaky", loop([](float x, float a, float) { return x < 0 ? a * x : x; })},
    {"log", loop([](float x, float, float) { return std::log(x); })},
    {"minus", loop([](float x, float, float) { return -x; })},
    {"mish", loop([](float x, float, float) { return x * std::tanh(softplus(x)); })},
    {"not", loop([](float x, float, float) { return x == 0 ? 1.0f : 0.0f; })},
    {"reciprocal", loop([](float x, float, float) { return 1 / x; })},
    {"round", loop([](float x, float, float) { return std::nearbyint(x); })},
    {"selu", loop([](float x, float a, float b) { return b * (x < 0 ? a * std::expm1(x) : x); })},
    {"shrink", loop([](float x, float a, float b) {
       return x < -a ? x + b : x > a ? x - b : 0.0f;
     })},
    {"sigmoid", loop([](float x, float, float) { return 1 / (1 + std::exp(-x)); })},
    {"sign", loop([](float x, float, float) { return x > 0   ? 1.0f
                                                     : x < 0 ? -1.0f
                                                             : x; })},
    {"sin", loop([](float x, float, float) { return std::sin(x); })},
    {"sinh", loop([](float x, float, float) { return std::sinh(x); })},
    {"softplus", loop([](float x, float, float) { return softplus(x); })},
    {"sqrt", loop([](float x, float, float) { return std::sqrt(x); })},
    {"tan", loop([](float x, float, float) { return std::tan(x); })},
    {"tanh", loop([](float x, float, float) { return std::tanh(x); })},
};
static_assert(std::size(functions) == graph::functions_of_one.size());

Step forward(const Lowering& l) {
  const auto function =
      std::ranges::find(functions, l.node.attributes.word("function"), &Named::name);
  if (function == std::end(functions))
    fail(graph::where(l.node), ": there is no function '", l.node.attributes.word("function"), "'");
  return
      [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), size = l.output_size(),
       f = function->loop, a = static_cast<float>(l.node.attributes.number("a")),
       b = static_cast<float>(l.node.attributes.number("b"))] {
        for_elements(threads, size,
                     [&](std::size_t first, std::size_t n) { f(x + first, y + first, n, a, b); });
      };
}

}  // namespace

std::span<const Kernel> apply() {
  static const Kernel all[] = {{.op = "apply", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
