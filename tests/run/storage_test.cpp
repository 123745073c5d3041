#include "rectify/run/storage.h"

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

TEST(Storage, GivesItsElementsAsWhatTheyAre) {
  alignas(64) std::byte memory[64] = {};
  const Storage labels{memory, Element::int32, 16};
  labels.as<std::int32_t>()[3] = 7;
  EXPECT_EQ(labels.as<const std::int32_t>()[3], 7);
  EXPECT_EQ(labels.bytes(), 64u);
  EXPECT_EQ((Storage{memory, Element::bfloat16, 16}).bytes(), 32u);
  float numbers[4] = {1, 2, 3, 4};
  EXPECT_EQ(storage_of(numbers, 4).as<float>(), numbers);
}

TEST(Storage, NamesBothElementsWhenTheyDiffer) {
  const Storage labels{nullptr, Element::int32, 16};
  try {
    labels.as<bfloat16>();
    FAIL() << "labels are no bfloat16";
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("int32"), std::string::npos) << said;
    EXPECT_NE(said.find("bfloat16"), std::string::npos) << said;
  }
  EXPECT_THROW(labels.as<float>(), Error);
}

TEST(Plan, GivesOnlyGraphInputsToBeFilledAndAsWhatTheyAre) {
  ThreadPool threads(1);
  const Network n = network("19 : dense 33 | relu | dense 5", softmax, 3, 1, Draw::grid);
  const ParameterLayout layout = n.layout();
  Buffer parameters(layout.floats());
  Plan plan(n.graph, layout, parameters.data(), threads, {.batch = 3, .keep = {n.graph.result}});
  EXPECT_NO_THROW(plan.input(n.graph.find("input")));
  EXPECT_NO_THROW(plan.labels(n.graph.find("target")));
  EXPECT_THROW(plan.labels(n.graph.find("input")), Error);
  EXPECT_THROW(plan.input(n.graph.find("target")), Error);
  EXPECT_THROW(plan.input(n.graph.find("dense1")), Error);
}

}  // namespace
}  // namespace rectify::run
