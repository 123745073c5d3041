#include "rectify/pretrain/likelihood/chains.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rectify/base/random.h"
#include "rectify/pretrain/likelihood/loops.h"

namespace rectify::pretrain {

namespace {

struct SampledGraph {
  graph::Graph& graph;
  graph::NodeId input = -1, samples = -1, product = -1;
};

SampledGraph add_sampled_product(graph::Graph& graph, const Machine& machine, bool up,
                                 bool sampled) {
  const auto extent = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const std::int64_t d = extent(machine.visible_units()), h = extent(machine.hidden_units());
  SampledGraph made{.graph = graph};
  made.input = graph.add_input({.shape = Shape{up ? d : h}}, "input");
  made.samples = made.input;
  if (sampled) {
    graph::Attributes unit;
    unit.set("unit", std::string(up ? machine.visible->name : machine.hidden->name));
    made.samples = graph.add("unit_sample", {made.input}, unit);
  }
  const graph::NodeId weight = graph.add_parameter(Shape{d, h}, {}, "weight");
  const graph::NodeId bias = graph.add_parameter(Shape{up ? h : d}, {}, "bias");
  graph::Attributes units;
  units.set("units", h);
  made.product = up ? graph.add("dense", {made.samples, weight, bias}, units)
                    : graph.add("dense_transposed", {made.samples, weight, bias});
  graph.result = made.product;
  return made;
}

Buffer parameters_of(const Machine& machine, const graph::Graph& graph,
                     const run::ParameterLayout& layout, bool up) {
  Buffer parameters(layout.floats());
  const auto place = [&](const char* label) {
    return parameters.data() + layout.slot_of(graph.find(label)).offset;
  };
  std::ranges::copy(machine.weight, place("weight"));
  if (up) std::ranges::copy(machine.hidden_bias, place("bias"));
  return parameters;
}

}  // namespace

SampledProduct::SampledProduct(const Machine& machine, bool up, bool sampled, std::size_t chains,
                               ThreadPool& threads)
    : at_([&] {
        const SampledGraph made = add_sampled_product(graph_, machine, up, sampled);
        return Places{made.input, made.samples, made.product};
      }()),
      layout_(graph_),
      parameters_(parameters_of(machine, graph_, layout_, up)),
      plan_(graph_, layout_, parameters_.data(), threads,
            {.batch = static_cast<std::int64_t>(chains),
             .keep = {at_.input, at_.samples, at_.product}}) {}

AnnealedChains::AnnealedChains(const Machine& machine, std::vector<float> base_bias,
                               std::size_t chains, std::uint64_t seed, ThreadPool& threads)
    : machine_(machine),
      hidden_(machine),
      base_bias_(std::move(base_bias)),
      bias_change_(machine.visible_bias),
      zeros_(machine.hidden_units()),
      chains_(chains),
      seed_(seed),
      threads_(threads),
      down_(machine, false, !hidden_.copies(), chains, threads),
      up_(machine, true, true, chains, threads) {
  for (std::size_t i = 0; i < bias_change_.size(); ++i) bias_change_[i] -= base_bias_[i];
}

void AnnealedChains::begin(std::uint32_t draw) {
  for (std::size_t c = 0; c < chains_; ++c)
    std::ranges::copy(base_bias_, up_.input() + c * base_bias_.size());
  up_.run(seed_, 2 * draw + 1);
  visible_ = up_.samples();
  inputs_ = up_.product();
}

void AnnealedChains::set(std::span<const float> rows) {
  set_visible_.assign(rows.begin(), rows.end());
  set_inputs_ = hidden_inputs(machine_, rows, threads_);
  visible_ = set_visible_;
  inputs_ = set_inputs_;
}

/// The hidden units' inputs at a temperature; of rectified units the number of copies that are on.
void AnnealedChains::write_hidden(std::size_t chain, float beta, std::uint32_t draw) {
  const std::size_t h = machine_.hidden_units();
  const float* x = inputs_.data() + chain * h;
  float* to = down_.input() + chain * h;
  likelihood_loops().scaled(x, zeros_.data(), beta, to, h);
  if (!hidden_.copies()) return;
  const Random random(seed_, static_cast<std::uint32_t>(Stream::node), draw);
  const std::size_t blocks = (h + 3) / 4;
  for (std::size_t block = 0; block < blocks; ++block) {
    const auto words = random.words(chain * blocks + block);
    for (std::size_t j = 4 * block; j < std::min(h, 4 * block + 4); ++j)
      to[j] = static_cast<float>(hidden_.copies()->sample(to[j], (words[j % 4] + 0.5) * 0x1p-32));
  }
}

void AnnealedChains::step(double beta, std::uint32_t draw) {
  const auto b = static_cast<float>(beta);
  threads_.run(chains_, [&](std::size_t chain) { write_hidden(chain, b, 2 * draw); });
  down_.run(seed_, 2 * draw);
  std::vector<float> bias = base_bias_;
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += b * bias_change_[i];
  const std::size_t d = bias.size();
  threads_.run(chains_, [&](std::size_t chain) {
    likelihood_loops().scaled(down_.product().data() + chain * d, bias.data(), b,
                              up_.input() + chain * d, d);
  });
  up_.run(seed_, 2 * draw + 1);
  visible_ = up_.samples();
  inputs_ = up_.product();
}

void AnnealedChains::add_gains(double from, double to, std::span<double> sums) const {
  const std::size_t d = machine_.visible_units(), h = machine_.hidden_units();
  threads_.run(chains_, [&](std::size_t chain) {
    sums[chain] +=
        (to - from) * likelihood_loops().dot(bias_change_.data(), visible_.data() + chain * d, d) +
        hidden_.gain(inputs_.subspan(chain * h, h), from, to);
  });
}

// Gaussian units keep the term (v - b)²/2 of the machine at all temperatures, of which v b alone
// changes.
double AnnealedChains::base_log_partition() const {
  double sum = hidden_.log_sum(zeros_);
  const LikelihoodLoops& loops = likelihood_loops();
  const std::size_t d = base_bias_.size();
  if (machine_.visible->name == "binary") return sum + loops.softplus_sum(base_bias_.data(), d);
  const std::vector<float>& b = machine_.visible_bias;
  return sum +
         (static_cast<double>(d) * std::log(2 * std::numbers::pi) +
          loops.dot(base_bias_.data(), base_bias_.data(), d) - loops.dot(b.data(), b.data(), d)) /
             2;
}

}  // namespace rectify::pretrain
