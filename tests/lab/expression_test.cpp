#include "rectify/lab/expression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "rectify/base/error.h"

namespace rectify::lab {
namespace {

/// error[a] 2, error[b] 3, error[c] 5; of every other figure nothing was measured.
std::vector<double> errors(const std::string& figure, const std::string& cell) {
  const std::map<std::string, double> all = {{"a", 2}, {"b", 3}, {"c", 5}};
  if (figure != "error") return {};
  if (cell == "*") return {2, 3, 5};
  const auto found = all.find(cell);
  return found == all.end() ? std::vector<double>() : std::vector<double>{found->second};
}

TEST(Expression, IsArithmeticOverFigures) {
  EXPECT_EQ(evaluate("1 + 2 * 3", errors), 7);
  EXPECT_EQ(evaluate("-(1 + 2) * 3 - -4", errors), -5);
  EXPECT_EQ(evaluate("error[b] - error[a]", errors), 1);
  EXPECT_EQ(evaluate("100 * (error[ c ] / error[a] - 1)", errors), 150);
  EXPECT_EQ(evaluate("1.5e-1", errors), 0.15);
  EXPECT_EQ(evaluate("log10(1000) + sqrt(error[a] * 2)", errors), 5);
}

TEST(Expression, TakesSeveralFiguresWhereAFunctionDoes) {
  EXPECT_EQ(evaluate("max(error[*]) - min(error[*])", errors), 3);
  EXPECT_EQ(evaluate("spread(error[*])", errors), 3);
  EXPECT_EQ(evaluate("mean(error[*], 10)", errors), 5);
  EXPECT_EQ(evaluate("mean(error[a] + 1, error[b] * 3)", errors), 6);
  EXPECT_EQ(evaluate("rises(error[*])", errors), 1);
  EXPECT_EQ(evaluate("rises(error[b], error[a])", errors), 0);
  EXPECT_EQ(evaluate("rank(error[b], error[*])", errors), 2);
  EXPECT_THROW(evaluate("error[*]", errors), Error);
  EXPECT_THROW(evaluate("sqrt(error[*])", errors), Error);
}

TEST(Expression, RanksWhatIsEqualInTheMiddle) {
  EXPECT_EQ(evaluate("rank(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)", errors), 5) << "of nine";
  EXPECT_EQ(evaluate("rank(2, 1, 2, 2, 3)", errors), 2.5);
  EXPECT_EQ(evaluate("rank(2, 1, 2, 3, 3)", errors), 2);
  EXPECT_EQ(evaluate("rank(3, 3)", errors), 1);
}

TEST(Expression, IsNotANumberWhereNothingWasMeasured) {
  EXPECT_TRUE(std::isnan(evaluate("error[d] - error[a]", errors)));
  EXPECT_TRUE(std::isnan(evaluate("max(error[a], error[d])", errors)));
  EXPECT_TRUE(std::isnan(evaluate("rank(speed[a], error[*])", errors)));
}

TEST(Expression, ShowsWhereItIsWrong) {
  try {
    evaluate("error[a] + * 2", errors);
    FAIL() << "it was computed";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("at column 12 stands '*'"), std::string::npos)
        << error.what();
  }
  for (const char* text : {"", "1 +", "(1", "error[a", "1 2", "max()", "1e"})
    EXPECT_THROW(evaluate(text, errors), Error) << text;
  EXPECT_THROW(evaluate(std::string(1000, '('), errors), Error);
}

}  // namespace
}  // namespace rectify::lab
