#include <algorithm>
#include <cmath>

#include "rectify/graph/functions.h"
#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

/// y = f(a, b) for n elements, of which those of a and b are so far apart.
using Loop = void (*)(const float* a, std::ptrdiff_t a_step, const float* b, std::ptrdiff_t b_step,
                      float* y, std::size_t n);

template <class F>
constexpr Loop loop(F) {
  return [](const float* a, std::ptrdiff_t a_step, const float* b, std::ptrdiff_t b_step, float* y,
            std::size_t n) {
    constexpr F f{};
    if (a_step == 1 && b_step == 1) {
      for (std::size_t i = 0; i < n; ++i) y[i] = f(a[i], b[i]);
    } else if (a_step == 1 && b_step == 0) {
      const float second = b[0];
      for (std::size_t i = 0; i < n; ++i) y[i] = f(a[i], second);
    } else {
      for (std::size_t i = 0; i < n; ++i, a += a_step, b += b_step) y[i] = f(*a, *b);
    }
  };
}

template <class F>
constexpr Loop truth(F) {
  return loop([](float a, float b) { return F{}(a, b) ? 1.0f : 0.0f; });
}

struct Named {
  std::string_view name;
  Loop loop;
};

const Named functions[] = {
    {"add", loop([](float a, float b) { return a + b; })},
    {"and", truth([](float a, float b) { return a != 0 && b != 0; })},
    {"divide", loop([](float a, float b) { return a / b; })},
    {"equal", truth([](float a, float b) { return a == b; })},
    {"greater", truth([](float a, float b) { return a > b; })},
    {"greater_equal", truth([](float a, float b) { return a >= b; })},
    {"less", truth([](float a, float b) { return a < b; })},
    {"less_equal", truth([](float a, float b) { return a <= b; })},
    {"max", loop([](float a, float b) { return a > b || std::isnan(a) ? a : b; })},
    {"min", loop([](float a, float b) { return a < b || std::isnan(a) ? a : b; })},
    {"modulo", loop([](float a, float b) {
       const float rest = std::fmod(a, b);
       return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
     })},
    {"multiply", loop([](float a, float b) { return a * b; })},
    {"or", truth([](float a, float b) { return a != 0 || b != 0; })},
    {"power", loop([](float a, float b) { return b == 2 ? a * a : std::pow(a, b); })},
    {"quotient", loop([](float a, float b) { return std::trunc(a / b); })},
    {"remainder", loop([](float a, float b) { return std::fmod(a, b); })},
    {"slope", loop([](float a, float b) { return a < 0 ? a * b : a; })},
    {"subtract", loop([](float a, float b) { return a - b; })},
    {"xor", truth([](float a, float b) { return (a != 0) != (b != 0); })},
};
static_assert(std::size(functions) == graph::functions_of_two.size());

Step forward(const Lowering& l) {
  const auto function =
      std::ranges::find(functions, l.node.attributes.word("function"), &Named::name);
  if (function == std::end(functions))
    fail(graph::where(l.node), ": there is no function '", l.node.attributes.word("function"), "'");
  const Shape& shape = l.node.type.shape;
  const auto starts = [&](std::size_t i) {
    return RowStarts(shape, graph::broadcast_strides(l.graph.input(l.node, i).type.shape, shape));
  };
  const RowStarts at_a = starts(0), at_b = starts(1);
  const std::size_t width = at_a.width;
  return [&threads = l.threads, a = l.input<float>(0), b = l.input<float>(1), y = l.output<float>(),
          at_a, at_b, width, f = function->loop, samples = samples_of(l),
          rows = static_cast<std::size_t>(shape.size()) / width, a_sample = sample_stride(l, 0),
          b_sample = sample_stride(l, 1)] {
    for_rows(threads, samples * rows, width, [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row)
        f(a + row / rows * a_sample + at_a.at(row % rows), at_a.step,
          b + row / rows * b_sample + at_b.at(row % rows), at_b.step, y + row * width, width);
    });
  };
}

}  // namespace

std::span<const Kernel> pairwise() {
  static const Kernel all[] = {{.op = "pairwise", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
