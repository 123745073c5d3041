#include "rectify/activation/pieces_of_row.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

namespace rectify::activation {
namespace {

std::optional<PiecewiseLinear> pieces(const char* name, std::optional<double> p = {}) {
  const activation::Row& row = activation::find(name);
  activation::Parameters numbers = row.defaults();
  if (p) numbers[0] = *p;
  return pieces_of_row(row, numbers);
}

TEST(PiecesOfRow, AreThoseOfTheDefinition) {
  EXPECT_EQ(pieces("relu")->kinks, std::vector<double>{0});
  EXPECT_EQ(pieces("relu", 0.5)->kinks.size(), 1u) << "the derivative at 0 makes no piece";
  EXPECT_EQ(pieces("relu6")->kinks, (std::vector<double>{0, 6}));
  EXPECT_EQ(pieces("hard_tanh")->kinks, (std::vector<double>{-1, 1}));
  EXPECT_TRUE(pieces("identity")->kinks.empty());
  EXPECT_TRUE(pieces("leaky_relu", 1)->kinks.empty());
  const auto sigmoid = pieces("hard_sigmoid");
  ASSERT_EQ(sigmoid->kinks.size(), 2u);
  EXPECT_NEAR(sigmoid->kinks[0], -3, 1e-15);
  EXPECT_NEAR(sigmoid->lines[1].slope, 1.0 / 6, 1e-16);
  const auto leaky = pieces("leaky_relu", 0.1);
  EXPECT_EQ(leaky->lines[0].slope, 0.1);
  EXPECT_EQ(leaky->lines[0].offset, 0);
  EXPECT_EQ(leaky->lines[1].slope, 1);
  EXPECT_EQ(pieces("prelu", 0.999999)->kinks, std::vector<double>{0});
  EXPECT_EQ(pieces("threshold_relu", 1.3)->kinks, std::vector<double>{1.3});
}

TEST(PiecesOfRow, AreThereForTheRowsThatConsistOfLines) {
  std::set<std::string> found;
  for (const activation::Row& row : activation::family())
    if (const auto lines = pieces_of_row(row, row.defaults())) {
      found.emplace(row.name);
      for (const double x : {-1000.0, -7.3, -0.5, -1e-9, 1e-9, 0.5, 2.9, 7.3, 1000.0}) {
        const PiecewiseLinear::Line line = lines->lines[lines->line_at(x)];
        EXPECT_NEAR(line.slope * x + line.offset, row.value(x, row.defaults()), 1e-12)
            << row.name << " at " << x;
      }
    }
  EXPECT_EQ(found,
            (std::set<std::string>{"identity", "relu", "leaky_relu", "prelu", "rrelu", "hard_tanh",
                                   "relu6", "hard_sigmoid", "threshold_relu", "noisy_relu"}));
}

}  // namespace
}  // namespace rectify::activation
