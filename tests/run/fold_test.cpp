// pass::fold_batch_norm, whose answers need something that runs them.

#include "rectify/pass/fold.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/base/random.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/run/plan.h"
#include "tests/reference/reference.h"

namespace rectify::pass {
namespace {

using graph::Graph;
using graph::NodeId;

Numbers numbers_of(const Graph& graph) {
  Numbers numbers;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (node.op->name != "parameter" && node.op->name != "state") continue;
    const Random random(3, static_cast<std::uint32_t>(id));
    for (std::int64_t i = 0; i < node.type.shape.size(); ++i)
      numbers[id].push_back(static_cast<float>(random.normal(static_cast<std::uint64_t>(i))));
    if (node.label.ends_with(".variance"))
      for (float& v : numbers[id]) v = v * v + 0.01f;
  }
  return numbers;
}

std::vector<double> answers(const Graph& graph, const Numbers& numbers, std::int64_t batch) {
  std::map<NodeId, std::vector<double>> given;
  for (const auto& [id, values] : numbers) given[id] = {values.begin(), values.end()};
  const NodeId input = graph.find("input");
  const Random random(4, 0);
  for (std::int64_t i = 0; i < graph.node(input).type.size(batch); ++i)
    given[input].push_back(random.normal(static_cast<std::uint64_t>(i)));
  return run::reference::evaluate(graph, batch, false, {}, given)[graph.result];
}

/// In float32, by the CPU's kernels, of two samples.
std::vector<float> cpu_answers(const Graph& graph, const Numbers& numbers) {
  const run::ParameterLayout layout(graph);
  Buffer parameters(layout.floats());
  for (const run::ParameterSlot& slot : layout.slots())
    std::ranges::copy(numbers.at(slot.node), parameters.data() + slot.offset);
  ThreadPool threads(2);
  run::Plan plan(graph, layout, parameters.data(), threads, {.batch = 2, .keep = {graph.result}});
  const NodeId input = graph.find("input");
  const Random random(4, 0);
  for (std::int64_t i = 0; i < graph.node(input).type.size(2); ++i)
    plan.input(input)[i] = static_cast<float>(random.normal(static_cast<std::uint64_t>(i)));
  plan.run({});
  const std::span<const float> y = plan.value(graph.result);
  return {y.begin(), y.end()};
}

void expect_same_answers(const Graph& graph, std::size_t norms_left) {
  const Numbers numbers = numbers_of(graph);
  const Folded folded = fold_batch_norm(graph, numbers);
  EXPECT_EQ(folded.graph.all("batch_norm").size(), norms_left);
  EXPECT_EQ(folded.graph.all("batch_norm_statistics").size(), norms_left);
  EXPECT_EQ(folded.graph.all("state").size(), 2 * norms_left);
  const std::vector<double> want = answers(graph, numbers, 7);
  const std::vector<double> got = answers(folded.graph, folded.numbers, 7);
  ASSERT_EQ(got.size(), want.size());
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    difference += (got[i] - want[i]) * (got[i] - want[i]);
    norm += want[i] * want[i];
  }
  EXPECT_LT(std::sqrt(difference / norm), 1e-5);
}

TEST(Fold, LeavesTheAnswersAsTheyWere) {
  for (const auto& [text, left] :
       {std::pair{"6 : dense 9 | batch_norm | relu | dense 8 bias=no | batch_norm | tanh | dense 4",
                  0u},
        {"6 : dense 9 | batch_norm affine=no epsilon=0.1", 0u},
        {"6 : batch_norm | dense 9 | relu | batch_norm | dense 4 | batch_norm", 2u},
        {"6 : dense 9 | layer_norm | relu", 0u}}) {
    SCOPED_TRACE(text);
    expect_same_answers(graph::parse_model(text), left);
  }
}

TEST(Fold, LeavesTheAnswersOfAResidualNetworkAsTheyWere) {
  const Graph graph = graph::parse_model(graph::network_text("resnet20"));
  Numbers numbers = numbers_of(graph);
  for (auto& [id, values] : numbers) {
    const graph::Node& node = graph.node(id);
    if (node.op->name != "parameter" || node.type.shape.rank() < 2) continue;
    const auto inputs = static_cast<double>(graph::fan_of(node).in);
    for (float& v : values) v = static_cast<float>(v / std::sqrt(inputs));
  }
  const Folded folded = fold_batch_norm(graph, numbers);
  EXPECT_TRUE(folded.graph.all("batch_norm").empty());
  const std::vector<float> want = cpu_answers(graph, numbers);
  const std::vector<float> got = cpu_answers(folded.graph, folded.numbers);
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    difference += std::pow(got[i] - want[i], 2);
    norm += std::pow(want[i], 2);
  }
  EXPECT_GT(norm, 0);
  EXPECT_LT(std::sqrt(difference / norm), 1e-5);
}

TEST(Fold, GivesALayerWithoutBiasOne) {
  const Graph graph = graph::parse_model("6 : dense 9 bias=no | batch_norm | relu");
  const Folded folded = fold_batch_norm(graph, numbers_of(graph));
  EXPECT_EQ(graph::model_text(folded.graph), "6 : dense 9 | relu");
  EXPECT_EQ(folded.numbers.at(folded.graph.find("dense1.bias")).size(), 9u);
}

TEST(Fold, LeavesALayerAloneThatSomebodyElseReads) {
  Graph graph = graph::parse_model("6 : dense 9 | batch_norm");
  graph.result = graph.add("add", {graph.result, graph.find("dense1")});
  expect_same_answers(graph, 1);
}

}  // namespace
}  // namespace rectify::pass
