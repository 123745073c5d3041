#include <cmath>

#include "rectify/run/dropout_mask.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// Calls visit(number of the block and channel in its row of blocks, row of blocks, elements of its
/// units) for all samples.
template <class Visit>
void each_block(const Context& c, Visit&& visit) {
  const auto height = static_cast<std::size_t>(c.shape(0)[0]);
  const auto width = static_cast<std::size_t>(c.shape(0)[1]);
  const auto channels = static_cast<std::size_t>(c.shape(0)[2]);
  const auto size = static_cast<std::size_t>(c.node.attributes.integer("size"));
  for (std::size_t s = 0; s < static_cast<std::size_t>(c.batch); ++s)
    for (std::size_t i = 0; i < height; i += size)
      for (std::size_t j = 0; j < width; j += size)
        for (std::size_t k = 0; k < channels; ++k) {
          std::vector<std::size_t> units;
          for (std::size_t di = 0; di < size; ++di)
            for (std::size_t dj = 0; dj < size; ++dj)
              units.push_back(((s * height + i + di) * width + j + dj) * channels + k);
          visit(j / size * channels + k, (s * height + i) / size, units);
        }
}

double all_states(const Context& c, const std::vector<std::size_t>& units) {
  double sum = 1;
  for (const std::size_t u : units) sum += std::exp(c.in(0)[u]);
  return sum;
}

void mean(Context& c) {
  each_block(c, [&](std::size_t, std::size_t, const std::vector<std::size_t>& units) {
    for (const std::size_t u : units) c.output[u] = std::exp(c.in(0)[u]) / all_states(c, units);
  });
}

void sample(Context& c) {
  const Random random(c.state.seed, node_stream(c.node.stream), c.state.step);
  const auto numbers =
      static_cast<std::size_t>(c.shape(0)[1] / c.node.attributes.integer("size") * c.shape(0)[2]);
  each_block(c, [&](std::size_t number, std::size_t row, const std::vector<std::size_t>& units) {
    const double aim =
        random.uniform(row * ((numbers + 3) / 4 * 4) + number) * all_states(c, units);
    double passed = 0;
    for (const std::size_t u : units) {
      passed += std::exp(c.in(0)[u]);
      if (aim < passed) {
        c.output[u] = 1;
        return;
      }
    }
  });
}

}  // namespace

std::span<const Loop> blocks() {
  static const Loop all[] = {{"block_mean", mean}, {"block_sample", sample}};
  return all;
}

}  // namespace rectify::run::reference::ops
