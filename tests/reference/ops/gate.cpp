#include "rectify/graph/activate.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// Positions in x of the halves that belong to element i of y.
struct Halves {
  std::size_t a, b;
};

Halves halves_of(const Context& c, std::size_t i, std::size_t half) {
  const std::size_t first = i / half * 2 * half + i % half, second = first + half;
  const bool swapped = c.node.attributes.word("gate") == "second";
  return swapped ? Halves{second, first} : Halves{first, second};
}

void forward(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  const auto half = static_cast<std::size_t>(c.node.type.shape.back());
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const Halves h = halves_of(c, i, half);
    c.output[i] = row.value(c.in(0)[h.a], p) * c.in(0)[h.b];
  }
}

void gradient(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  const auto half = static_cast<std::size_t>(c.node.type.shape.back()) / 2;
  const std::vector<double>&dy = c.in(0), &x = c.in(1);
  for (std::size_t i = 0; i < dy.size(); ++i) {
    const Halves h = halves_of(c, i, half);
    c.output[h.a] = dy[i] * x[h.b] * row.slope(x[h.a], p);
    c.output[h.b] = dy[i] * row.value(x[h.a], p);
  }
}

}  // namespace

std::span<const Loop> gate() {
  static const Loop all[] = {{"gate", forward}, {"gate_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
