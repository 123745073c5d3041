// Data sets that programs make in memory, right and wrong.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/data/formats/characters.h"
#include "tests/helpers.h"
#include "tests/toy_data.h"

namespace rectify::data {
namespace {

/// Six samples of two numbers and three classes, twice.
Dataset sixes() {
  Dataset d{.spec = "sixes", .sample_shape = Shape{2}, .class_names = {"a", "b", "c"}};
  for (Split* split : {&d.train, &d.test})
    *split = {.count = 6, .values = std::vector<float>(12), .labels = {0, 1, 2, 2, 1, 0}};
  return d;
}

std::string verdict_on(const std::function<void(Dataset&)>& change, Dataset d = sixes()) {
  change(d);
  return rectify::error_of([&] { check(d); });
}

TEST(Check, PassesWhatIsReadAndGenerated) {
  ThreadPool threads(1);
  for (const char* spec : {"moons:train=50,test=20", "spirals:train=50,test=20",
                           "glyphs:classes=digits,train=30,test=10"})
    EXPECT_EQ(rectify::error_of([&] { check(open(spec, threads)); }), "") << spec;
  const Dataset text = dataset_of_text("the quick brown fox jumps over the dog", 10, {4, 2});
  EXPECT_EQ(rectify::error_of([&] { check(text); }), "");
  EXPECT_EQ(rectify::error_of([&] { check(sums()); }), "");
}

TEST(Check, PassesSplitsThatAreEmptyOrHaveNoAnswers) {
  EXPECT_EQ(verdict_on([](Dataset&) {}), "");
  EXPECT_EQ(verdict_on([](Dataset& d) { d.test = {}; }), "");
  EXPECT_EQ(verdict_on([](Dataset& d) { d.train.labels.clear(); }), "");
  EXPECT_EQ(verdict_on([](Dataset& d) { d.test.targets.clear(); }, sums()), "");
  EXPECT_EQ(verdict_on([](Dataset& d) {
              d.class_names.clear();
              d.train.labels.clear();
              d.test.labels.clear();
            }),
            "")
      << "for pretraining";
}

TEST(Check, NamesTheSplitAndTheFirstSampleThatIsCutOff) {
  const std::string numbers = verdict_on([](Dataset& d) { d.train.values.resize(9); });
  EXPECT_TRUE(contains(numbers, "the training split of sixes")) << numbers;
  EXPECT_TRUE(contains(numbers, "sample 4 is the first")) << numbers;
  const std::string more = verdict_on([](Dataset& d) { d.test.count = 5; });
  EXPECT_TRUE(contains(more, "the test split of sixes: 'values' holds 12")) << more;
  const std::string labels = verdict_on([](Dataset& d) { d.test.labels.pop_back(); });
  EXPECT_TRUE(contains(labels, "the test split of sixes: 'labels' holds 5")) << labels;
  EXPECT_TRUE(contains(labels, "sample 5 is the first")) << labels;
  const std::string targets = verdict_on([](Dataset& d) { d.train.targets.resize(5); }, sums(4, 4));
  EXPECT_TRUE(contains(targets, "sample 2 is the first")) << targets;
  const std::string huge = verdict_on([](Dataset& d) { d.train.count = SIZE_MAX / 2 + 7; });
  EXPECT_TRUE(contains(huge, "sample 6 is the first")) << huge;
}

TEST(Check, NamesTheFirstLabelThatIsNoClass) {
  for (const std::int32_t wrong : {3, -1, 1 << 20}) {
    const std::string says = verdict_on([&](Dataset& d) { d.test.labels[3] = wrong; });
    EXPECT_TRUE(contains(says, "the test split of sixes")) << says;
    EXPECT_TRUE(contains(says, concat("sample 3 has the label ", wrong))) << says;
    EXPECT_TRUE(contains(says, "0 to 2")) << says;
  }
  const std::string place = verdict_on([](Dataset& d) {
    d.label_width = 2;
    for (Split* split : {&d.train, &d.test}) split->labels.assign(12, 1);
    d.train.labels[7] = 9;
  });
  EXPECT_TRUE(contains(place, "sample 3 has the label 9")) << place;
}

TEST(Check, RefusesWhatContradictsItself) {
  const std::string both = verdict_on([](Dataset& d) { d.train.bytes.assign(12, 1); });
  EXPECT_TRUE(contains(both, "both 'bytes' and 'values'")) << both;
  const std::string nameless = verdict_on([](Dataset& d) { d.class_names.clear(); });
  EXPECT_TRUE(contains(nameless, "'class_names' is empty")) << nameless;
  const std::string named = verdict_on([](Dataset& d) { d.class_names = {"a"}; }, sums());
  EXPECT_TRUE(contains(named, "'target_width' is 2")) << named;
  const std::string width = verdict_on([](Dataset& d) { d.target_width = 0; }, sums());
  EXPECT_TRUE(contains(width, "'target_width' is 0")) << width;
  const std::string shape = verdict_on([](Dataset& d) { d.sample_shape = Shape{0}; });
  EXPECT_TRUE(contains(shape, "have no numbers")) << shape;
}

}  // namespace
}  // namespace rectify::data
