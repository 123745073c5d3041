#include "rectify/pretrain/stack.h"

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "rectify/pretrain/kind.h"
#include "tests/helpers.h"

namespace rectify::pretrain {
namespace {

TEST(Stack, ReadsLayersWithTheirAttributes) {
  const std::vector<LayerSpec> layers =
      parse_stack("rbm 1000 nrelu | rbm 50 k=5 method=pcd lr=0.01");
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].units(), 1000);
  EXPECT_EQ(layers[0].attributes.word("hidden"), "nrelu");
  EXPECT_EQ(layers[0].attributes.word("method"), "cd");
  EXPECT_EQ(layers[1].attributes.word("hidden"), "binary");
  EXPECT_EQ(layers[1].attributes.integer("k"), 5);
  EXPECT_EQ(layers[1].attributes.number("lr"), 0.01);
  EXPECT_EQ(layers[1].text, "rbm 50 k=5 method=pcd lr=0.01");
}

TEST(Stack, SaysWhatIsWrongAndWhere) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "layer 1 of the stack is empty"},
      {"rbm 10 | ", "layer 2 of the stack is empty"},
      {"rbn 10", "did you mean 'rbm'?"},
      {"rbm", "needs its number of units"},
      {"rbm ten", "units must be a whole number"},
      {"rbm 0", "units must be between 1"},
      {"rbm 10 nrelo", "did you mean 'nrelu'?"},
      {"rbm 10 binary 5", "'5' is one word too many"},
      {"rbm 10 momentun=1", "has no attribute 'momentun'"},
      {"rbm 10 k=1 k=2", "k is given twice"},
      {"rbm 10 units=20", "units is given twice"},
      {"rbm 10 k=0", "k must be between 1"},
      {"rbm 10 method=sml", "method cannot be 'sml'"},
  };
  for (const auto& [text, says] : wrong)
    EXPECT_PRED2(contains, error_of([&] { parse_stack(text); }), says);
}

TEST(Stack, HasAtMostThirtyTwoLayers) {
  std::string text = "rbm 2";
  for (int i = 1; i < 33; ++i) text += "|rbm 2";
  EXPECT_PRED2(contains, error_of([&] { parse_stack(text); }), "at most 32 layers, not 33");
}

TEST(Stack, KindsExplainTheirAttributes) {
  for (const LayerKind* kind : layer_kinds()) {
    EXPECT_FALSE(kind->summary.empty()) << kind->name;
    bool units = false, lr = false, epochs = false;
    for (const graph::AttributeSpec& spec : kind->attributes) {
      EXPECT_FALSE(spec.meaning.empty()) << kind->name << " " << spec.name;
      units |= spec.name == "units";
      lr |= spec.name == "lr";
      epochs |= spec.name == "epochs";
    }
    EXPECT_TRUE(units && lr && epochs) << kind->name;
  }
}

}  // namespace
}  // namespace rectify::pretrain
