// Which activations can be replaced, and what is counted of them: by hand.

#include "rectify/lab/relufy/sites.h"

#include <gtest/gtest.h>

#include <numeric>

#include "rectify/base/error.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/graph/text.h"
#include "rectify/model/evaluate.h"

namespace rectify::lab {
namespace {

/// 100 samples of one number, 0 to 99, that are not scaled.
data::Dataset numbers() {
  data::Dataset d{.spec = "numbers", .sample_shape = Shape{1}, .target_width = 1};
  d.train.count = 100;
  d.train.values.resize(100), d.train.targets.resize(100);
  std::iota(d.train.values.begin(), d.train.values.end(), 0.0f);
  return d;
}

void put(model::Model& model, const std::string& label, const std::vector<float>& values) {
  const auto numbers = diagnose::numbers_of(model, model.graph.find(label));
  ASSERT_EQ(numbers.size(), values.size());
  std::ranges::copy(values, numbers.begin());
}

std::vector<std::string> described(const graph::Graph& graph, const std::vector<Site>& sites) {
  std::vector<std::string> texts;
  for (const Site& site : sites)
    texts.push_back(concat(graph.node(site.node).label, " ", site.item, " ",
                           site.bias < 0 ? "-" : graph.node(site.bias).label, " ", site.first, "+",
                           site.count));
  return texts;
}

TEST(RelufySites, LeaveOutRectifiersTheIdentityAndTheAnswer) {
  const graph::Graph graph = graph::parse_model(
      "4 : dense 8 | gelu | dense 8 | relu | dense 6 | identity | dense 8 | swiglu | "
      "dense 6 bias=no | tanh | dense 8 | gate softplus gate=second | dense 2 | sigmoid");
  EXPECT_EQ(
      described(graph, smooth_sites(graph)),
      (std::vector<std::string>{"gelu1 gelu dense1.bias 0+8", "swiglu1 swiglu dense4.bias 0+4",
                                "tanh1 tanh - 0+6", "gate1 gate softplus dense6.bias 4+4"}));
  EXPECT_EQ(all_sites(graph).size(), 7u);
}

TEST(RelufySites, TakeTheShiftOfANormAndNoBiasThatOthersReadToo) {
  const graph::Graph graph = graph::parse_model(
      "4 : dense 8 | batch_norm | silu | dense 8 | layer_norm | silu | residual(dense 8 | silu) | "
      "dense 8 | residual(silu | dense 8) | dense 2");
  EXPECT_EQ(described(graph, smooth_sites(graph)),
            (std::vector<std::string>{"silu1 silu batch_norm1.shift 0+8",
                                      "silu2 silu layer_norm1.shift 0+8",
                                      "silu3 silu dense3.bias 0+8", "silu4 silu - 0+8"}));
}

TEST(RelufySites, CountExactZeros) {
  model::Model model("1 : dense 2 | relu | dense 1");
  put(model, "dense1.weight", {1, -1});
  put(model, "dense1.bias", {-9, 20});  // 0 for 0 to 9, and for 20 to 99
  ThreadPool threads(1);
  const std::vector<Site> sites = all_sites(model.graph);
  const std::vector<std::uint32_t> rows = model::all_samples(100);
  EXPECT_EQ(zero_shares(model, sites, numbers(), rows, threads),
            std::vector<double>{(10 + 80) / 200.0});
}

TEST(RelufySites, FindTheQuantileOfWhatTheActivationIsAppliedTo) {
  model::Model model("1 : dense 2 | glu gate=second | dense 1");
  put(model, "dense1.weight", {-7, 2});
  ThreadPool threads(1);
  const Site site = smooth_sites(model.graph).at(0);
  const std::vector<std::uint32_t> rows = model::all_samples(100);
  EXPECT_EQ(quantile_of(model, site, 0.9, numbers(), rows, threads), 180);
  EXPECT_EQ(quantile_of(model, site, 0.25, numbers(), rows, threads), 50);
}

}  // namespace
}  // namespace rectify::lab
