#include <algorithm>
#include <cmath>

#include "rectify/graph/functions.h"
#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

/// The elements that become one number: x[at[0]], x[at[1]], ...
using Reducer = double (*)(const float* x, const std::vector<std::size_t>& at);

template <class F>
constexpr Reducer sum(F) {
  return [](const float* x, const std::vector<std::size_t>& at) {
    double all = 0;
    for (const std::size_t i : at) all += F{}(static_cast<double>(x[i]));
    return all;
  };
}

double mean(const float* x, const std::vector<std::size_t>& at) {
  return sum([](double v) { return v; })(x, at) / static_cast<double>(at.size());
}

double product(const float* x, const std::vector<std::size_t>& at) {
  double all = 1;
  for (const std::size_t i : at) all *= x[i];
  return all;
}

/// Which of the elements is the first of the largest; the first NaN counts as larger.
std::size_t largest(const float* x, const std::vector<std::size_t>& at, float sign) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < at.size(); ++i)
    if (sign * x[at[i]] > sign * x[at[best]] || (std::isnan(x[at[i]]) && !std::isnan(x[at[best]])))
      best = i;
  return best;
}

double log_sum_exp(const float* x, const std::vector<std::size_t>& at) {
  const double top = x[at[largest(x, at, 1)]];
  if (!std::isfinite(top)) return top;
  double all = 0;
  for (const std::size_t i : at) all += std::exp(x[i] - top);
  return top + std::log(all);
}

struct Named {
  std::string_view name;
  Reducer reducer;
};

using At = const std::vector<std::size_t>&;
const Named functions[] = {
    {"argmax", [](const float* x, At at) { return static_cast<double>(largest(x, at, 1)); }},
    {"argmin", [](const float* x, At at) { return static_cast<double>(largest(x, at, -1)); }},
    {"l1", sum([](double v) { return std::abs(v); })},
    {"l2",
     [](const float* x, At at) { return std::sqrt(sum([](double v) { return v * v; })(x, at)); }},
    {"log_sum",
     [](const float* x, At at) { return std::log(sum([](double v) { return v; })(x, at)); }},
    {"log_sum_exp", log_sum_exp},
    {"max", [](const float* x, At at) { return static_cast<double>(x[at[largest(x, at, 1)]]); }},
    {"mean", mean},
    {"min", [](const float* x, At at) { return static_cast<double>(x[at[largest(x, at, -1)]]); }},
    {"product", product},
    {"sum", sum([](double v) { return v; })},
    {"sum_square", sum([](double v) { return v * v; })},
};
static_assert(std::size(functions) == graph::reductions.size());

/// The positions of all elements of a part with these extents, in order.
std::vector<std::size_t> positions(const std::vector<std::int64_t>& extents,
                                   const std::vector<std::int64_t>& strides) {
  std::vector<std::size_t> all = {0};
  for (std::size_t i = 0; i < extents.size(); ++i) {
    std::vector<std::size_t> finer;
    for (const std::size_t at : all)
      for (std::int64_t k = 0; k < extents[i]; ++k)
        finer.push_back(at + static_cast<std::size_t>(k * strides[i]));
    all = std::move(finer);
  }
  return all;
}

Step forward(const Lowering& l) {
  const auto function =
      std::ranges::find(functions, l.node.attributes.word("function"), &Named::name);
  if (function == std::end(functions))
    fail(graph::where(l.node), ": there is no function '", l.node.attributes.word("function"), "'");
  const Shape& in = l.graph.input(l.node, 0).type.shape;
  const std::vector<std::int64_t> strides = graph::broadcast_strides(in, in);
  std::vector<std::int64_t> inner, inner_strides, outer, outer_strides;
  const std::vector<std::int64_t> axes = graph::list_attribute(l.node, "axes");
  for (std::size_t i = 0; i < in.rank(); ++i) {
    const bool reduced = std::ranges::count(axes, static_cast<std::int64_t>(i)) > 0;
    (reduced ? inner : outer).push_back(in[i]);
    (reduced ? inner_strides : outer_strides).push_back(strides[i]);
  }
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(),
          at = positions(inner, inner_strides), starts = positions(outer, outer_strides),
          stride = sample_stride(l, 0), samples = samples_of(l), f = function->reducer] {
    const std::size_t count = starts.size();
    for_rows(threads, samples * count, at.size(), [&](std::size_t first, std::size_t n) {
      for (std::size_t i = first; i < first + n; ++i)
        y[i] = static_cast<float>(f(x + i / count * stride + starts[i % count], at));
    });
  };
}

}  // namespace

std::span<const Kernel> reduce() {
  static const Kernel all[] = {{.op = "reduce", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
