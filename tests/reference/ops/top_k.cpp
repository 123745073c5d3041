#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

double rank_of(double x) { return std::isnan(x) ? INFINITY : x > 0 ? x : 0; }

/// How many elements come before element j in the order of size and then of place.
std::int64_t before(const std::vector<double>& ranks, std::size_t j) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < j; ++i) count += ranks[i] >= ranks[j];
  for (std::size_t i = j + 1; i < ranks.size(); ++i) count += ranks[i] > ranks[j];
  return count;
}

void forward(Context& c) {
  const auto n = static_cast<std::size_t>(c.node.type.shape.back());
  double keep = c.node.attributes.number("keep");
  if (keep < 1) keep = std::fmax(1, std::floor(keep * static_cast<double>(n) + 0.5));
  std::vector<double> ranks(n);
  for (std::size_t first = 0; first < c.output.size(); first += n) {
    const double* const x = c.in(0).data() + first;
    std::transform(x, x + n, ranks.begin(), rank_of);
    for (std::size_t j = 0; j < n; ++j)
      if (ranks[j] > 0 && static_cast<double>(before(ranks, j)) < keep) c.output[first + j] = x[j];
  }
}

void gradient(Context& c) {
  for (std::size_t i = 0; i < c.output.size(); ++i)
    if (c.in(1)[i] != 0) c.output[i] = c.in(0)[i];
}

}  // namespace

std::span<const Loop> top_k() {
  static const Loop all[] = {{"top_k", forward}, {"top_k_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
