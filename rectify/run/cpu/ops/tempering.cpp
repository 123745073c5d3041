// exchange_chains, temper (graph/ops/tempering.cpp).

#include <cmath>
#include <vector>

#include "rectify/activation/kernels.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/dropout_mask.h"

namespace rectify::run::cpu::ops {

namespace {

/// What the weight of a chain at a temperature is made of.
class ChainWeights {
 public:
  explicit ChainWeights(const Lowering& l)
      : y_(l.input<float>(0)),
        h_(l.input<float>(1)),
        bias_(l.input<float>(2)),
        chains_(static_cast<std::size_t>(l.node.type.shape[0])),
        visible_(static_cast<std::size_t>(l.node.type.shape[1])),
        hidden_(l.input_size(2)),
        unit_(l.node.attributes.word("unit")),
        softplus_(activation::kernels(activation::find("softplus")).forward) {}

  std::size_t chains() const { return chains_; }
  std::size_t visible() const { return visible_; }
  const float* inputs(std::size_t row) const { return y_ + row * visible_; }
  float beta(std::size_t t) const {
    return static_cast<float>(t) / static_cast<float>(chains_ - 1);
  }

  /// The logarithm of w for the chain in row `row` of all rows; `piece` has room for a piece.
  double log_weight(double beta, std::size_t row, std::vector<float>& piece) const {
    double sum = 0;
    for (std::size_t j = 0; j < hidden_; ++j)
      sum += static_cast<double>(bias_[j]) * h_[row * hidden_ + j];
    sum *= beta;
    const float* y = inputs(row);
    if (unit_ == "gaussian") {
      double squares = 0;
      for (std::size_t i = 0; i < visible_; ++i) squares += static_cast<double>(y[i]) * y[i];
      return sum + beta * beta * squares / 2;
    }
    // ln(e^x + e^-x) = softplus(2 x) - x.
    const bool bipolar = unit_ == "bipolar";
    loops().scale(static_cast<float>(bipolar ? 2 * beta : beta), y, piece.data(), visible_);
    softplus_(piece.data(), piece.data(), visible_, {});
    for (std::size_t i = 0; i < visible_; ++i) {
      sum += static_cast<double>(piece[i]);
      if (bipolar) sum -= beta * static_cast<double>(y[i]);
    }
    return sum;
  }

 private:
  const float *y_, *h_, *bias_;
  std::size_t chains_, visible_, hidden_;
  std::string unit_;
  void (*softplus_)(const float*, float*, std::size_t, const activation::Parameters&);
};

/// The chain that is at each temperature after the exchanges of one sample.
void exchange_places(const ChainWeights& weights, std::size_t sample, const Random& random,
                     std::vector<float>& piece, std::vector<std::size_t>& chain_at) {
  const std::size_t chains = weights.chains(), first_row = sample * chains;
  const std::size_t numbers = sample * ((chains + 3) / 4 * 4);
  for (std::size_t t = 0; t < chains; ++t) chain_at[t] = t;
  for (std::size_t t = random.uniform(numbers) < 0.5 ? 0 : 1; t + 1 < chains; t += 2) {
    const double low = weights.beta(t), high = weights.beta(t + 1);
    const double change = weights.log_weight(low, first_row + t + 1, piece) +
                          weights.log_weight(high, first_row + t, piece) -
                          weights.log_weight(low, first_row + t, piece) -
                          weights.log_weight(high, first_row + t + 1, piece);
    if (std::log(random.uniform(numbers + t + 1)) < change) std::swap(chain_at[t], chain_at[t + 1]);
  }
}

Step exchange(const Lowering& l) {
  const ChainWeights weights(l);
  const std::size_t samples = l.output_size() / weights.chains() / weights.visible();
  const auto threads = static_cast<std::size_t>(l.threads.threads());
  return [&threads_of = l.threads, &state = l.state, out = l.output<float>(), weights, samples,
          stream = node_stream(l.node.stream),
          piece = std::vector(threads, std::vector<float>(weights.visible())),
          chain_at = std::vector(threads, std::vector<std::size_t>(weights.chains()))]() mutable {
    const Random random(state.seed, stream, state.step);
    threads_of.run(samples, [&](std::size_t sample, std::size_t thread) {
      exchange_places(weights, sample, random, piece[thread], chain_at[thread]);
      const std::size_t chains = weights.chains(), width = weights.visible();
      for (std::size_t t = 0; t < chains; ++t)
        loops().scale(weights.beta(t), weights.inputs(sample * chains + chain_at[thread][t]),
                      out + (sample * chains + t) * width, width);
    });
  };
}

Step temper(const Lowering& l) {
  const auto chains = static_cast<std::size_t>(l.node.type.shape[0]);
  const auto width = static_cast<std::size_t>(l.node.type.shape[1]);
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), chains, width,
          rows = l.output_size() / width] {
    for_rows(threads, rows, width, [&](std::size_t first, std::size_t count) {
      for (std::size_t r = first; r < first + count; ++r)
        loops().scale(static_cast<float>(r % chains) / static_cast<float>(chains - 1),
                      x + r * width, y + r * width, width);
    });
  };
}

}  // namespace

std::span<const Kernel> tempering() {
  static const Kernel all[] = {{.op = "exchange_chains", .lower = exchange},
                               {.op = "temper", .lower = temper}};
  return all;
}

}  // namespace rectify::run::cpu::ops
