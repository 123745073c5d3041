#include <cmath>
#include <numeric>

#include "rectify/activation/unit.h"
#include "rectify/run/dropout_mask.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void exchange(Context& c) {
  const auto chains = static_cast<std::size_t>(c.shape(0)[0]);
  const auto d = static_cast<std::size_t>(c.shape(0)[1]), h = c.in(2).size();
  const activation::Unit& unit = activation::unit(c.node.attributes.word("unit"));
  const Random random(c.state.seed, node_stream(c.node.stream), c.state.step);
  const auto beta = [&](std::size_t t) { return double(t) / double(chains - 1); };
  const auto log_weight = [&](std::size_t t, std::size_t row) {
    double sum = 0;
    for (std::size_t j = 0; j < h; ++j) sum += beta(t) * c.in(2)[j] * c.in(1)[row * h + j];
    std::vector<double> inputs(d);
    for (std::size_t i = 0; i < d; ++i) inputs[i] = beta(t) * c.in(0)[row * d + i];
    return sum + unit.free_energy(inputs, 1);
  };
  for (std::size_t s = 0; s < c.output.size() / chains / d; ++s) {
    const std::size_t base = s * ((chains + 3) / 4 * 4), top = s * chains;
    std::vector<std::size_t> at(chains);
    std::iota(at.begin(), at.end(), top);
    for (std::size_t t = random.uniform(base) < 0.5 ? 0 : 1; t + 1 < chains; t += 2) {
      const double ratio = std::exp(log_weight(t, top + t + 1) + log_weight(t + 1, top + t) -
                                    log_weight(t, top + t) - log_weight(t + 1, top + t + 1));
      if (random.uniform(base + t + 1) < ratio) std::swap(at[t], at[t + 1]);
    }
    for (std::size_t t = 0; t < chains; ++t)
      for (std::size_t i = 0; i < d; ++i)
        c.output[(top + t) * d + i] = beta(t) * c.in(0)[at[t] * d + i];
  }
}

void temper(Context& c) {
  const auto chains = static_cast<std::size_t>(c.shape(0)[0]);
  const auto width = static_cast<std::size_t>(c.shape(0)[1]);
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = c.in(0)[i] * double(i / width % chains) / double(chains - 1);
}

}  // namespace

std::span<const Loop> tempering() {
  static const Loop all[] = {{"exchange_chains", exchange}, {"temper", temper}};
  return all;
}

}  // namespace rectify::run::reference::ops
