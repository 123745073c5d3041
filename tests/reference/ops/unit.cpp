#include "rectify/activation/unit.h"

#include <cmath>

#include "rectify/run/dropout_mask.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

void mean(Context& c) {
  const activation::Unit& unit = activation::unit(c.node.attributes.word("unit"));
  const auto copies = static_cast<int>(c.node.attributes.integer("copies"));
  for (std::size_t i = 0; i < c.output.size(); ++i) c.output[i] = unit.mean(c.in(0)[i], copies);
}

/// The definitions, once more and by themselves.
void sample(Context& c) {
  const std::string name = c.node.attributes.word("unit");
  const auto copies = c.node.attributes.integer("copies");
  const Random random(c.state.seed, node_stream(c.node.stream), c.state.step);
  const std::size_t size = c.output.size(), set = (size + 3) / 4 * 4;
  const auto uniform = [&](std::size_t i) { return static_cast<float>(random.uniform(i)); };
  const auto normal = [&](std::size_t i) { return static_cast<float>(random.normal(i)); };
  const auto width = static_cast<std::size_t>(c.node.type.shape.back());
  if (name == "softmax") {
    for (std::size_t row = 0; row < size / width; ++row) {
      std::size_t best = 0;
      double most = -1e300;
      for (std::size_t u = 0; u < width; ++u) {
        const double drawn = uniform(row * ((width + 3) / 4 * 4) + u);
        const double score = c.in(0)[row * width + u] - std::log(-std::log(drawn));
        if (score > most) most = score, best = u;
      }
      c.output[row * width + best] = 1;
    }
    return;
  }
  for (std::size_t i = 0; i < size; ++i) {
    const double x = c.in(0)[i];
    if (name == "binary") c.output[i] = uniform(i) < logistic(x);
    if (name == "bipolar") c.output[i] = uniform(i) < logistic(2 * x) ? 1 : -1;
    if (name == "gaussian") c.output[i] = x + normal(i);
    if (name == "nrelu") c.output[i] = std::max(0.0, x + std::sqrt(logistic(x)) * normal(i));
    if (name == "stepped")
      for (std::int64_t k = 0; k < copies; ++k)
        c.output[i] +=
            uniform(i + static_cast<std::size_t>(k) * set) < logistic(x - 0.5 - double(k));
    if (name == "capped") {
      const double deviation = std::sqrt(logistic(x) - logistic(x - double(copies)));
      c.output[i] = std::clamp(x + deviation * normal(i), 0.0, double(copies));
    }
  }
}

}  // namespace

std::span<const Loop> unit() {
  static const Loop all[] = {{"unit_mean", mean}, {"unit_sample", sample}};
  return all;
}

}  // namespace rectify::run::reference::ops
