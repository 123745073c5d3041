#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

double rank_of(double x) { return std::isnan(x) ? INFINITY : x > 0 ? x : 0; }

/// Whether fewer than `keep` elements come before element j in the order of size and then of place.
bool wins(const double* x, std::size_t n, std::size_t j, double keep) {
  double before = 0;
  for (std::size_t i = 0; i < n; ++i)
    before += rank_of(x[i]) > rank_of(x[j]) || (rank_of(x[i]) == rank_of(x[j]) && i < j);
  return rank_of(x[j]) > 0 && before < keep;
}

void forward(Context& c) {
  const auto n = static_cast<std::size_t>(c.node.type.shape.back());
  double keep = c.node.attributes.number("keep");
  if (keep < 1) keep = std::fmax(1, std::floor(keep * static_cast<double>(n) + 0.5));
  for (std::size_t first = 0; first < c.output.size(); first += n)
    for (std::size_t j = 0; j < n; ++j)
      if (wins(c.in(0).data() + first, n, j, keep)) c.output[first + j] = c.in(0)[first + j];
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
