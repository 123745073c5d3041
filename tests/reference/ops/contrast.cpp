#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

double mean(const std::vector<double>& x, std::size_t unit, std::size_t units) {
  double sum = 0;
  for (std::size_t i = unit; i < x.size(); i += units) sum += x[i];
  return sum * static_cast<double>(units) / static_cast<double>(x.size());
}

void weights(Context& c) {
  const auto in = static_cast<std::size_t>(c.shape(0).back());
  const auto out = static_cast<std::size_t>(c.shape(1).back());
  const bool centred = c.node.inputs.size() > 4;
  for (const std::size_t side : {0, 2}) {
    const std::size_t rows = c.in(side).size() / in;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t i = 0; i < in; ++i)
        for (std::size_t o = 0; o < out; ++o) {
          const double x = c.in(side)[r * in + i] - (centred ? c.in(4)[i] : 0);
          const double h = c.in(side + 1)[r * out + o] - (centred ? c.in(5)[o] : 0);
          c.output[i * out + o] += (side == 0 ? -x * h : x * h) / static_cast<double>(rows);
        }
  }
}

void biases(Context& c) {
  const std::size_t units = c.output.size();
  const bool centred = c.node.inputs.size() > 2;
  const bool visible = c.node.attributes.word("side") == "visible";
  for (std::size_t u = 0; u < units; ++u) {
    c.output[u] = mean(c.in(1), u, units) - mean(c.in(0), u, units);
    if (!centred) continue;
    const std::size_t others = c.in(3).size();
    for (std::size_t o = 0; o < others; ++o)
      c.output[u] -= c.in(3)[o] * c.in(2)[visible ? u * others + o : o * units + u];
  }
}

void sums(Context& c) {
  const double count = double(c.node.attributes.integer("places")) * double(c.batch);
  for (std::size_t i = 0; i < c.output.size(); ++i) c.output[i] = (c.in(0)[i] - c.in(1)[i]) / count;
}

void moving_mean(Context& c) {
  const double rate = c.node.attributes.number("rate");
  for (std::size_t u = 0; u < c.output.size(); ++u)
    c.output[u] = (1 - rate) * c.in(1)[u] + rate * mean(c.in(0), u, c.output.size());
}

void sparsity_pull(Context& c) {
  const double target = c.node.attributes.number("target"), cost = c.node.attributes.number("cost");
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = c.in(0)[i] - cost * (c.in(1)[i % c.in(1).size()] - target);
}

}  // namespace

std::span<const Loop> contrast() {
  static const Loop all[] = {{"contrast_weights", weights},
                             {"contrast_biases", biases},
                             {"contrast_sums", sums},
                             {"moving_mean", moving_mean},
                             {"sparsity_pull", sparsity_pull}};
  return all;
}

}  // namespace rectify::run::reference::ops
