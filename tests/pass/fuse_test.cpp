#include "rectify/pass/fuse.h"

#include <gtest/gtest.h>

#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"

namespace rectify::pass {
namespace {

using graph::Graph;
using graph::Node;
using graph::NodeId;

std::vector<NodeId> fused(const Graph& g) {
  return fuse(
      g, [](const Node& n) { return n.op->name == "dense"; },
      [](const Node& n) { return n.op->name == "activate" || n.op->name == "add"; });
}

TEST(Fuse, ChainsRideOnTheirHost) {
  const Graph g = graph::parse_model("6 : relu | dense 6 | relu | tanh | dropout | relu | dense 6");
  const std::vector<NodeId> host = fused(g);
  const NodeId dense = g.find("dense1");
  EXPECT_EQ(host[g.find("relu1")], -1) << "there is no host before it";
  EXPECT_EQ(host[dense], -1);
  EXPECT_EQ(host[g.find("relu2")], dense);
  EXPECT_EQ(host[g.find("tanh1")], dense);
  EXPECT_EQ(host[g.find("dropout1")], -1);
  EXPECT_EQ(host[g.find("relu3")], -1) << "dropout1 is in between";
}

TEST(Fuse, OnlyTheFirstReaderIsFused) {
  Graph g = graph::parse_model("6 : dense 6 | dropout");
  graph::Attributes relu;
  relu.set("row", std::string("relu"));
  const NodeId late = g.add("activate", {g.find("dense1")}, relu);
  EXPECT_EQ(fused(g)[late], -1) << "dropout1 has read, and may have written, what it reads";
}

TEST(Fuse, AFusedNodeNeedsItsOtherInputsBeforeItsHost) {
  Graph g = graph::parse_model("6 : dense 6 | dense 6");
  const NodeId first = g.find("dense1"), second = g.find("dense2");
  const NodeId known = g.add("add", {second, first});
  EXPECT_EQ(fused(g)[known], second);
  Graph h = graph::parse_model("6 : dense 6 | dense 6");
  const NodeId unknown = h.add("add", {first, second});
  EXPECT_EQ(fused(h)[unknown], -1);
}

}  // namespace
}  // namespace rectify::pass
