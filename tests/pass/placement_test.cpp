#include "rectify/pass/placement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "rectify/base/random.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/pass/differentiate.h"
#include "rectify/pass/fuse.h"
#include "rectify/tensor/buffer.h"

namespace rectify::pass {
namespace {

using graph::Graph;
using graph::NodeId;

constexpr std::int64_t line = tensor_alignment / sizeof(float);

/// A random network of chains that fork and meet, with its gradients.
Graph random_graph(std::uint64_t seed) {
  const Random random(seed);
  std::uint64_t drawn = 0;
  const auto below = [&](std::size_t bound) {
    return random.below(drawn++, static_cast<std::uint32_t>(bound));
  };
  Graph g = graph::parse_model("12 : dense 12");
  std::vector<NodeId> wide = {g.result};  // values of 12 numbers; any may be used again
  const std::uint32_t steps = 3 + below(12);
  for (std::uint32_t i = 0; i < steps; ++i) {
    const NodeId from = below(3) ? wide.back() : wide[below(wide.size())];
    graph::Attributes attributes;
    switch (below(5)) {
      case 0: {
        constexpr const char* rows[] = {"relu", "gelu", "prelu", "rrelu"};  // by output, by input
        attributes.set("row", std::string(rows[below(4)]));
        wide.push_back(graph::add_activation(g, from, attributes, ""));
        break;
      }
      case 3:
        wide.push_back(g.add(below(2) ? "softmax" : "log_softmax", {from}));
        break;
      case 1:
        wide.push_back(g.add("dropout", {from}));
        break;
      case 2: {
        const NodeId other = wide[below(wide.size())];
        wide.push_back(g.add(below(2) ? "add" : "multiply", {from, other}));
        break;
      }
      default: {
        const NodeId before = below(3) ? from : g.add("concat", {wide[below(wide.size())], from});
        attributes.set("units", std::int64_t{12});
        attributes.set("bias", std::string(below(2) ? "yes" : "no"));
        attributes.set("init", std::string("auto"));
        attributes.set("gain", 1.0);
        wide.push_back(graph::find_operator("dense")->build(g, before, attributes, ""));
      }
    }
  }
  g.result = wide.back();
  const NodeId target = g.add_input({.shape = {}, .element = Element::int32}, "target");
  std::vector<NodeId> losses = {g.add("softmax_cross_entropy", {g.result, target})};
  if (below(2)) losses.push_back(g.add("l1_penalty", {wide[below(wide.size())]}));
  differentiate(g, losses);
  return g;
}

/// What fuse() says when there are no hosts.
std::vector<NodeId> alone(const Graph& g) { return std::vector<NodeId>(g.size(), -1); }

/// Dense layers and their input gradients as hosts of all that is element-wise and without chance.
std::vector<NodeId> with_fused(const Graph& g) {
  return fuse(
      g,
      [](const graph::Node& n) {
        return n.op->name == "dense" || n.op->name == "dense_input_gradient";
      },
      [](const graph::Node& n) {
        return n.op->name == "activate" || n.op->name == "activate_gradient" ||
               n.op->name == "add" || n.op->name == "multiply";
      });
}

/// From when to when a value must not be written over, both included: `size` is the end of time.
struct Life {
  NodeId from, to;
};

Life life_of(const Graph& g, NodeId id, const std::set<NodeId>& kept,
             const std::vector<NodeId>& host) {
  const auto step = [&](NodeId node) { return host[node] >= 0 ? host[node] : node; };
  const bool input = g.node(id).op->name == "input";
  Life life{input ? -1 : step(id), step(id)};
  for (const NodeId user : g.users(id)) life.to = std::max(life.to, step(user));
  if (input || kept.contains(id)) life.to = g.size();
  return life;
}

/// Whether `later` may lie on `earlier`, which it reads last: in place of its first input, or,
/// fused with the same host, of that one's.
bool takes_over(const Graph& g, NodeId earlier, NodeId later, const Placement& p) {
  const graph::Node& node = g.node(later);
  if (!node.op->in_place || p.offset[earlier] != p.offset[later]) return false;
  const NodeId before = node.inputs[0];
  return before == earlier || (before > earlier && takes_over(g, earlier, before, p));
}

void expect_no_two_meet(const Graph& g, std::int64_t batch, const std::set<NodeId>& kept,
                        const std::set<NodeId>& elsewhere, const std::vector<NodeId>& host,
                        const std::string& what) {
  const Placement p = place(g, batch, kept, elsewhere, host);
  ASSERT_EQ(p.offset.size(), static_cast<std::size_t>(g.size()));
  for (NodeId b = 0; b < g.size(); ++b) {
    if (elsewhere.contains(b)) {
      ASSERT_EQ(p.offset[b], -1);
      continue;
    }
    const std::int64_t b_end = p.offset[b] + g.node(b).type.size(batch);
    ASSERT_GE(p.offset[b], 0);
    ASSERT_EQ(p.offset[b] % line, 0) << what;
    ASSERT_LE(b_end, p.floats) << what;
    for (NodeId a = 0; a < b; ++a) {
      if (elsewhere.contains(a)) continue;
      const std::int64_t a_end = p.offset[a] + g.node(a).type.size(batch);
      if (a_end <= p.offset[b] || b_end <= p.offset[a]) continue;
      const Life first = life_of(g, a, kept, host), second = life_of(g, b, kept, host);
      if (first.to < second.from || second.to < first.from) continue;
      ASSERT_TRUE(first.to == second.from && takes_over(g, a, b, p))
          << what << ": " << graph::where(g.node(a)) << " and " << graph::where(g.node(b))
          << " are alive at the same time in the same place";
    }
  }
}

TEST(Placement, NoTwoValuesMeetThatAreAliveAtTheSameTime) {
  std::int64_t fused = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Graph g = random_graph(seed);
    const Random random(seed, 1);
    std::set<NodeId> kept, elsewhere;
    for (const NodeId id : g.all("parameter")) elsewhere.insert(id);
    for (NodeId id = 0; id < g.size(); ++id) {
      if (random.below(2 * id, 5) == 0) kept.insert(id);
      // Values bound to memory of the caller, such as gradients of parameters.
      if (!g.node(id).type.per_sample && random.below(2 * id + 1, 2)) elsewhere.insert(id);
    }
    for (const std::int64_t batch : {1, 3, 37, 130}) {
      const std::string what = "seed " + std::to_string(seed);
      for (const auto& host : {alone(g), with_fused(g)}) {
        fused += std::ranges::count_if(host, [](NodeId id) { return id >= 0; });
        expect_no_two_meet(g, batch, {}, elsewhere, host, what);
        expect_no_two_meet(g, batch, kept, elsewhere, host, what + ", some kept");
        expect_no_two_meet(g, batch, kept, {}, host, what + ", parameters too");
        if (HasFatalFailure()) return;
      }
    }
  }
  EXPECT_GT(fused, 500);
}

std::int64_t floats(const std::string& text, std::int64_t batch, bool keep_all = false) {
  const Graph g = graph::parse_model(text);
  std::set<NodeId> kept = {g.result}, parameters;
  for (NodeId id = 0; keep_all && id < g.size(); ++id) kept.insert(id);
  for (const NodeId id : g.all("parameter")) parameters.insert(id);
  return place(g, batch, kept, parameters, alone(g)).floats;
}

TEST(Placement, InPlaceOperatorsTakeNoMemoryOfTheirOwn) {
  // The input stays for the caller; all else happens in one place.
  EXPECT_EQ(floats("64 : relu", 16), 2 * 64 * 16);
  EXPECT_EQ(floats("64 : relu | tanh | dropout | relu | relu", 16), 2 * 64 * 16);
  EXPECT_EQ(floats("64 : relu | tanh | dropout | relu | relu", 16, true), 6 * 64 * 16);
}

TEST(Placement, DeepChainsNeedTwoValuesAtATime) {
  EXPECT_EQ(floats("64 : repeat 30 (dense 64 | relu)", 16), 3 * 64 * 16);
  EXPECT_EQ(floats("64 : repeat 30 (dense 64 | relu)", 16, true), 61 * 64 * 16);
}

TEST(Placement, AKeptValueIsNotTakenOver) {
  const Graph g = graph::parse_model("64 : dense 64 | relu | tanh");
  const NodeId dense = g.find("dense1"), relu = g.find("relu1"), tanh = g.find("tanh1");
  std::set<NodeId> parameters = {g.find("dense1.weight"), g.find("dense1.bias")};
  const Placement taken = place(g, 4, {tanh}, parameters, alone(g));
  EXPECT_EQ(taken.offset[dense], taken.offset[relu]);
  EXPECT_EQ(taken.offset[relu], taken.offset[tanh]);
  const Placement kept = place(g, 4, {relu, tanh}, parameters, alone(g));
  EXPECT_EQ(kept.offset[dense], kept.offset[relu]);
  EXPECT_NE(kept.offset[relu], kept.offset[tanh]);
}

}  // namespace
}  // namespace rectify::pass
