#include "rectify/graph/zoo.h"

#include "tests/graph/networks.h"

namespace rectify::graph {
namespace {

TEST(Zoo, EveryNetworkIsReadAndSaysWhatItIs) {
  EXPECT_GE(zoo().size(), 2u);
  for (const ZooModel& model : zoo()) {
    EXPECT_NO_THROW(parse_model(model.text)) << model.name;
    EXPECT_TRUE(model.summary.ends_with('.')) << model.name << ": " << model.summary;
    EXPECT_EQ(model.summary.find_first_of("#\n"), std::string::npos) << model.name;
    EXPECT_EQ(find_in_zoo(model.name), &model);
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
