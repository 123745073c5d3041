// Units that are proven never to fire: which they are, and that no bit changes without them.

#include <array>
#include <numeric>

#include "rectify/graph/text.h"
#include "rectify/model/predictor.h"
#include "tests/diagnose/heal/helpers.h"
#include "tests/helpers.h"

namespace rectify::diagnose::healing {
namespace {

/// Whether two models answer with the same bits to drawn samples between -1 and 1, by predictors.
bool answer_alike(const model::Model& one, const model::Model& other, std::size_t samples) {
  const model::Predictor first(copy_of(one)), second(copy_of(other));
  constexpr std::size_t at_once = 1000;  // which four words at once fill, whatever the inputs
  std::vector<float> x(at_once * first.inputs());
  std::vector<float> y(at_once * first.outputs()), z(y.size());
  const Random random(11);
  std::uint64_t next = 0;
  for (std::size_t done = 0; done < samples; done += at_once) {
    for (std::size_t i = 0; i < x.size(); i += 4) {
      const std::array<std::uint32_t, 4> words = random.words(next++);
      for (std::size_t k = 0; k < 4; ++k)
        x[i + k] = static_cast<float>((words[k] + 0.5) * 0x1p-31 - 1);
    }
    first.run(x, y);
    second.run(x, z);
    if (!same_bits(y, z)) return false;
  }
  return true;
}

HealOptions removal(bool rounding = false) {
  return {.mends = {"remove"}, .bounds = activation::Interval{-1, 1}, .rounding = rounding};
}

std::vector<std::size_t> every_third(std::size_t units) {
  std::vector<std::size_t> all;
  for (std::size_t unit = 0; unit < units; unit += 3) all.push_back(unit);
  return all;
}

TEST(HealRemove, ChangesNoBitOn100000InputsWithinTheBounds) {
  struct Case {
    std::string text, after;
    Shape samples;
  };
  for (const Case& c :
       {Case{"7 : dense 60 | relu | dense 30 | relu | dense 2",
             "7 : dense 40 | relu | dense 20 | relu | dense 2", Shape{7}},
        Case{"4 : dense 30 | batch_norm | relu | dense 300 | relu | dense 2",
             "4 : dense 20 | batch_norm | relu | dense 200 | relu | dense 2", Shape{4}},
        Case{"4x4x1 : conv 9 3x3 | relu | max_pool 2 | flatten | dense 30 | relu | dense 2",
             "4x4x1 : conv 6 3x3 | relu | max_pool 2 | flatten | dense 20 | relu | dense 2",
             Shape{4, 4, 1}},
        Case{"100 : dense 60 | relu | dense 300 | relu | dense 2",
             "100 : dense 40 | relu | dense 200 | relu | dense 2", Shape{100}}}) {
    SCOPED_TRACE(c.text);
    model::Model model = drawn(c.text);
    for (const Links& links : links_of(model.graph))
      kill(model, model.graph.node(links.activation).label, every_third(links.units));
    const Healed now = healed(model, clouds(c.samples), removal());
    EXPECT_EQ(graph::model_text(now.model.graph), c.after);
    EXPECT_TRUE(answer_alike(model, now.model, 100000));
  }
}

// A sum of more than a few hundred products is made in blocks; a unit that is missing in the first
// moves others from the next into it.
TEST(HealRemove, LeavesUnitsWhoseAbsenceChangesTheOrderOfSums) {
  model::Model model = drawn("7 : dense 1000 | relu | dense 2");
  kill(model, "relu1", every_third(1000));
  const data::Dataset dataset = clouds(Shape{7});
  const Healed now = healed(model, dataset, removal());
  EXPECT_TRUE(answer_alike(model, now.model, 20000));
  const Healed all = healed(model, dataset, removal(true));
  EXPECT_EQ(all.reports[0].done(), 334u);
  EXPECT_LE(all.test.largest, 1e-5 * all.test.scale);
  if (!answer_alike(model, all.model, 20000)) {
    EXPECT_LT(now.reports[0].done(), 334u);
    EXPECT_TRUE(contains(now.reports[0].layers[0].said, "in another order"));
  }
}

// Channels that are no multiple of 16 any more are not computed by Winograd's algorithm.
TEST(HealRemove, LeavesConvolutionsThatWouldBeComputedInAnotherWay) {
  model::Model model =
      drawn("12x12x1 : conv 32 3x3 | relu | conv 16 3x3 | relu | global_avg_pool | dense 2");
  kill(model, "relu1", every_third(32));
  kill(model, "relu2", every_third(16));
  const Healed now = healed(model, clouds(Shape{12, 12, 1}, 50, 20), removal());
  EXPECT_TRUE(contains(now.reports[0].layers[0].said, "11 of 32 units proven never to fire"));
  EXPECT_TRUE(answer_alike(model, now.model, 2000));
}

TEST(HealRemove, WantsAProof) {
  // x - 1.01, x - 0.99 and x - 1 for x in [-1, 1]: the last may reach 0 but for rounding.
  model::Model model = drawn("1 : dense 4 | relu | dense 2");
  set(model, "dense1.weight", {1, 1, 1, 1});
  set(model, "dense1.bias", {-1.01f, -0.99f, -1, 0});
  const Healed now = healed(model, clouds(Shape{1}), removal());
  EXPECT_EQ(now.reports[0].layers[0].done, std::vector<std::int64_t>{0});
  EXPECT_EQ(now.reports[0].layers[0].said,
            "1 of 4 units proven never to fire within the bounds, all removed");
}

// h0 = relu(x + 2) and h1 = relu(x + 2) are the same, which intervals do not see: h0 - h1 - 1/2 is
// never above 0.
TEST(HealRemove, SeesThatWhatIsAddedIsSubtractedAgain) {
  model::Model model = drawn("1 : dense 2 | relu | dense 2 | relu | dense 2");
  set(model, "dense1.weight", {1, 1});
  set(model, "dense1.bias", {2, 2});
  set(model, "dense2.weight", {1, 1, -1, 1});
  set(model, "dense2.bias", {-0.5f, 0});
  const Healed now = healed(model, clouds(Shape{1}), removal());
  EXPECT_TRUE(now.reports[0].layers[0].done.empty());
  EXPECT_EQ(now.reports[0].layers[1].done, std::vector<std::int64_t>{0});
  EXPECT_TRUE(answer_alike(model, now.model, 20000));
}

TEST(HealRemove, TakesTheRangeOfTheDataWhereNobodySaysTheBounds) {
  model::Model model = drawn("1 : dense 2 | relu | dense 2");
  set(model, "dense1.weight", {1, 1});
  set(model, "dense1.bias", {-8, 0});
  const data::Dataset dataset = clouds(Shape{1});  // within 4 deviations
  EXPECT_EQ(healed(model, dataset, {.mends = {"remove"}}).reports[0].done(), 1u);
  EXPECT_EQ(healed(model, dataset, {.mends = {"remove"}, .bounds = activation::Interval{-9, 9}})
                .reports[0]
                .done(),
            0u);
}

TEST(HealRemove, LeavesALayerOneUnit) {
  model::Model model = drawn("2 : dense 3 | relu | dense 2");
  kill(model, "relu1", {0, 1, 2});
  const Healed now = healed(model, clouds(Shape{2}), removal());
  EXPECT_EQ(graph::model_text(now.model.graph), "2 : dense 1 | relu | dense 2");
  EXPECT_EQ(now.measured.changed, 0u);
}

}  // namespace
}  // namespace rectify::diagnose::healing
