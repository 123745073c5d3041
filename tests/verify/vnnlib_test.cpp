#include "rectify/verify/vnnlib.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/gzip.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify::verify {
namespace {

namespace fs = std::filesystem;

/// Two inputs in [-1, 1] and two outputs, before `rest`.
std::string file_with(const std::string& rest, const std::string& bounds = {}) {
  return concat(
      "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n"
      "(declare-const Y_1 Real)\n",
      bounds.empty() ? "(assert (and (>= X_0 -1) (<= X_0 1) (>= X_1 -1) (<= X_1 1)))\n" : bounds,
      rest);
}

VnnLib parse(const std::string& text) { return parse_vnnlib(text, "p.vnnlib"); }

std::string error_of(const std::string& text) {
  return rectify::error_of([&] { parse(text); });
}

using Numbers = std::vector<double>;

TEST(VnnLib, ReadsABoxAndAHalfSpace) {
  const VnnLib file = parse(file_with("; comment (with brackets)\n(assert (<= Y_0 Y_1)) ; end"));
  EXPECT_EQ(file.inputs, 2u);
  EXPECT_EQ(file.outputs, 2u);
  ASSERT_EQ(file.property.cases.size(), 1u);
  const Unsafe& unsafe = file.property.cases[0];
  EXPECT_EQ(unsafe.inputs.lower, (Numbers{-1, -1}));
  EXPECT_EQ(unsafe.inputs.upper, (Numbers{1, 1}));
  ASSERT_EQ(unsafe.outputs.size(), 1u);
  EXPECT_EQ(unsafe.outputs[0].coefficients, (Numbers{1, -1}));
  EXPECT_EQ(unsafe.outputs[0].bound, 0);
  EXPECT_FALSE(file.closed);
}

TEST(VnnLib, WorksOutLinearTerms) {
  // 2 (Y_0 - 3 Y_1 + 1) - (-Y_1) >= 0.5e1  <=>  -2 Y_0 + 5 Y_1 <= -3
  const VnnLib file =
      parse(file_with("(assert (>= (- (* 2 (+ Y_0 (* -3.0 Y_1) 1)) (- Y_1)) 0.5e1))"));
  const HalfSpace& half = file.property.cases.at(0).outputs.at(0);
  EXPECT_EQ(half.coefficients, (Numbers{-2, 5}));
  EXPECT_EQ(half.bound, -3);
}

TEST(VnnLib, MultipliesOrsOut) {
  const VnnLib file = parse(
      file_with("(assert (or (and (<= X_0 0) (<= Y_0 1)) (and (>= X_0 0.5) (<= Y_0 2)) (<= Y_0 3)))"
                "(assert (or (<= Y_1 4) (and (<= Y_1 5) (or (<= X_1 0) (= X_1 1)))))"));
  // 3 x (1 + 2) cases, in the order of the file.
  ASSERT_EQ(file.property.cases.size(), 9u);
  const auto& cases = file.property.cases;
  EXPECT_EQ(cases[0].inputs.upper, (Numbers{0, 1}));
  EXPECT_EQ(cases[0].outputs[0].bound, 1);
  EXPECT_EQ(cases[0].outputs[1].bound, 4);
  EXPECT_EQ(cases[1].inputs.upper, (Numbers{0, 0}));
  EXPECT_EQ(cases[1].outputs[1].bound, 5);
  EXPECT_EQ(cases[5].inputs.lower, (Numbers{0.5, 1}));
  EXPECT_EQ(cases[5].inputs.upper, (Numbers{1, 1}));
  EXPECT_EQ(cases[8].outputs[0].bound, 3);
}

TEST(VnnLib, TakesTheTighterOfTwoBounds) {
  const VnnLib file =
      parse(file_with("(assert (<= X_0 0.5)) (assert (<= X_0 0.75))"
                      "(assert (<= -0.25 X_0)) (assert (<= Y_0 0))"));
  EXPECT_EQ(file.property.cases.at(0).inputs.lower, (Numbers{-0.25, -1}));
  EXPECT_EQ(file.property.cases.at(0).inputs.upper, (Numbers{0.5, 1}));
}

TEST(VnnLib, RoundsAQuotientAwayFromTheBox) {
  const VnnLib file =
      parse(file_with("(assert (<= (* 3 X_0) 1)) (assert (<= (* -3 X_1) 0.9))"
                      "(assert (<= Y_0 0))"));
  const Box& box = file.property.cases.at(0).inputs;
  EXPECT_EQ(box.upper[0], std::nextafter(1.0 / 3, 1.0));
  EXPECT_EQ(box.lower[1], std::nextafter(-0.3, -1.0));
}

TEST(VnnLib, LeavesTheEndsOfStrictInequalitiesOut) {
  const VnnLib file =
      parse(file_with("(assert (< X_0 1)) (assert (> Y_0 2)) (assert (< Y_0 Y_1))"
                      "(assert (< (* 0.5 Y_1) Y_0))"));
  const Unsafe& unsafe = file.property.cases.at(0);
  EXPECT_EQ(unsafe.inputs.upper[0], std::nextafter(1.0, 0.0));
  EXPECT_EQ(unsafe.outputs[0].coefficients, (Numbers{-1, 0}));
  EXPECT_EQ(unsafe.outputs[0].bound, std::nextafter(-2.0, -3.0));
  // The smallest difference of two floats is 2^-149; of half a float and a float it is 2^-150.
  EXPECT_EQ(unsafe.outputs[1].bound, -std::ldexp(1, -149));
  EXPECT_EQ(unsafe.outputs[2].bound, -std::ldexp(1, -150));
  EXPECT_FALSE(file.closed);
  EXPECT_TRUE(parse(file_with("(assert (< (+ Y_0 Y_1) 1))")).closed);
}

TEST(VnnLib, LeavesOutCasesThatNothingCanBeIn) {
  const VnnLib box = parse(file_with("(assert (>= X_0 2)) (assert (<= Y_0 0))"));
  EXPECT_TRUE(box.property.cases.empty());
  EXPECT_EQ(box.empty_cases, 1u);
  const VnnLib outputs = parse(file_with("(assert (<= Y_0 Y_1)) (assert (> Y_0 Y_1))"));
  EXPECT_TRUE(outputs.property.cases.empty());
  const VnnLib one =
      parse(file_with("(assert (or (and (<= Y_0 1) (>= Y_0 2)) (<= 1 0) (<= Y_1 7) (<= X_0 -3)))"));
  ASSERT_EQ(one.property.cases.size(), 1u);
  EXPECT_EQ(one.property.cases[0].outputs.at(0).bound, 7);
  EXPECT_EQ(one.empty_cases, 3u);
  // Equality is not empty.
  EXPECT_EQ(parse(file_with("(assert (= Y_0 1))")).property.cases.size(), 1u);
}

TEST(VnnLib, ReadsThousandsOfCases) {
  std::string text = "(assert (or";
  for (int i = 0; i < 5000; ++i)
    text += concat(" (and (>= X_0 ", i, "e-4) (<= X_0 ", i + 1, "e-4) (<= Y_0 ", i, "))");
  const VnnLib file = parse(file_with(text + "))"));
  ASSERT_EQ(file.property.cases.size(), 5000u);
  EXPECT_EQ(file.property.cases[4321].inputs.lower[0], 0.4321);
  EXPECT_EQ(file.property.cases[4321].outputs[0].bound, 4321);
}

TEST(VnnLib, RefusesMoreCasesThanItCanHold) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += concat("(assert (or (<= Y_0 ", i, ") (<= Y_1 ", i, ")))\n");
  EXPECT_EQ(error_of(file_with(text)),
            "'p.vnnlib' has too many cases once each 'or' is multiplied out (at most 65,536, fewer "
            "of many inputs); put some of them into a file of their own");
  // None of these can hold, which takes as long to find out.
  std::string pairs;
  for (const char* variable : {"Y_0", "Y_1", "Y_0", "Y_1"}) {
    pairs += "(assert (or";
    for (int i = 0; i < 3000; ++i) pairs += concat(" (= ", variable, " ", i, ")");
    pairs += "))";
  }
  EXPECT_TRUE(contains(error_of(file_with(pairs)), "too many cases"));
}

TEST(VnnLib, ReadsTheOlderDeclarationsAndPassesOverCommands) {
  const VnnLib file = parse(
      "(set-logic QF_LRA)(set-info :status unknown)(declare-fun Y_0 () Real)"
      "(declare-fun X_0 () Real)(assert (<= X_0 1))(assert (>= X_0 0))(assert (<= Y_0 +2))"
      "(check-sat)(get-model)(exit)\n;");
  EXPECT_EQ(file.property.cases.at(0).outputs.at(0).bound, 2);
}

TEST(VnnLib, SaysWhatIsWrongAndWhere) {
  const std::string fine = "(assert (<= Y_0 0))";
  EXPECT_EQ(error_of(file_with("(assert (<= Y_0 Z_9))")),
            "'p.vnnlib', line 6 uses 'Z_9', which is not declared");
  EXPECT_EQ(error_of(file_with("(assert (<= Y_0 nan))")),
            "'p.vnnlib', line 6 uses 'nan', which is not declared");
  EXPECT_EQ(error_of(file_with("(assert (<= Y_0 1e999))")),
            "'p.vnnlib', line 6 has '1e999', which is no number of a double");
  EXPECT_EQ(error_of(file_with("(assert (<= Y_0 (* 1e300 (* 1e300 Y_1))))")),
            "'p.vnnlib', line 6 has a term with a number too large for a double");
  EXPECT_EQ(error_of(file_with("(assert (<= Y_0 (* Y_1 Y_0)))")),
            "'p.vnnlib', line 6 multiplies Y_1 by Y_0; terms must be linear");
  EXPECT_EQ(error_of(file_with("(assert (<= Y_0 X_1))")),
            "'p.vnnlib', line 6 compares an input with an output (X_1, Y_0); constrain inputs by "
            "numbers, and outputs by numbers or other outputs");
  EXPECT_EQ(error_of(file_with("(assert (<= X_0 X_1))" + fine)),
            "'p.vnnlib', line 6 constrains X_0 and X_1 together, but inputs must lie in a box: "
            "bound each of them alone");
  EXPECT_EQ(error_of(file_with(fine, "(assert (<= X_0 1)) (assert (= X_1 1))\n")),
            "'p.vnnlib' gives X_0 no lower bound; every input needs both: (assert (>= X_0 ...)) "
            "and (assert (<= X_0 ...))");
  EXPECT_EQ(error_of(file_with(fine, "(assert (<= X_0 1e39))\n")),
            "'p.vnnlib', line 5 bounds X_0 by 1e+39, which no number in float32 reaches (3.4e38); "
            "give a smaller bound");
  EXPECT_EQ(error_of(file_with("")),
            "'p.vnnlib' has a case without a constraint on outputs, in which all inputs would be "
            "unsafe; assert what Y_0, ... must not be");
  EXPECT_EQ(error_of(file_with("(assert (not (<= Y_0 0)))")),
            "'p.vnnlib', line 6 has 'not' where and, or, <=, >=, <, > or = is expected");
  EXPECT_EQ(error_of(file_with("(assert (<= Y_0 0)")),
            "'p.vnnlib', line 6 opens a '(' that is not closed");
  EXPECT_EQ(error_of(file_with(fine + ")")), "'p.vnnlib', line 6 has a ')' that closes nothing");
  EXPECT_EQ(error_of(file_with("(assert (or))")), "'p.vnnlib', line 6 has an empty 'or'");
  EXPECT_EQ(error_of(file_with("(assert (<= Y_0))")),
            "'p.vnnlib', line 6 compares 1 terms by '<='; two are expected");
  EXPECT_EQ(error_of(file_with("(declare-const X_0 Real)")),
            "'p.vnnlib', line 6 declares X_0 a second time");
  EXPECT_EQ(error_of(file_with("(declare-const Y_3 Real)" + fine)),
            "'p.vnnlib' declares Y_3 but not Y_2");
  EXPECT_EQ(error_of("(declare-const X_0 Int)"),
            "'p.vnnlib', line 1 declares 'X_0' as 'Int'; the type must be Real");
  EXPECT_EQ(error_of("(declare-const Z Real)"),
            "'p.vnnlib', line 1 declares 'Z'; inputs are X_0, X_1, ... and outputs Y_0, Y_1, ...");
  EXPECT_EQ(error_of("(vnnlib-version <2.0>)"),
            "'p.vnnlib', line 1 is VNN-LIB 2, of which version 1 alone is read");
  EXPECT_EQ(error_of("hello"),
            "'p.vnnlib', line 1 has 'hello' where (declare-const X_0 Real) or (assert ...) is "
            "expected");
  EXPECT_EQ(error_of(""), "'p.vnnlib' declares no input: (declare-const X_0 Real)");
}

TEST(VnnLib, RefusesBracketsTooDeepToFollow) {
  const std::string deep = "(assert " + std::string(100000, '(');
  EXPECT_EQ(error_of(deep), "'p.vnnlib', line 1 has brackets more than 200 deep");
}

TEST(VnnLib, RefusesSizesThatDoNotMatchTheNetwork) {
  const VnnLib file = parse(file_with("(assert (<= Y_0 0))"));
  EXPECT_NO_THROW(check_fits(file, 2, 2));
  EXPECT_EQ(rectify::error_of([&] { check_fits(file, 784, 10); }),
            "the property is about 2 inputs and 2 outputs (X_0 to X_1, Y_0 to Y_1), but the "
            "network has 784 and 10; inputs and outputs are counted as they lie in memory");
}

TEST(VnnLib, ReadsPackedFiles) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "p.vnnlib").string();
  std::string text = file_with("(assert (<= Y_0 0))");
  text += "; " + std::string(200000, 'x');  // several pieces of the unpacking
  data::write_plain_or_packed(path, text, true);
  EXPECT_EQ(read_vnnlib(path + ".gz").property.cases.size(), 1u);
  EXPECT_THROW(read_vnnlib(path), Error);
}

/// Cases of each file, worked out by hand.
TEST(VnnLib, ReadsTheTenPropertiesOfAcasXu) {
  const fs::path folder = fs::path(RECTIFY_SHARED_DATA) / "acasxu";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  const std::size_t cases[] = {1, 1, 1, 1, 4, 8, 2, 3, 4, 4};
  for (int i = 0; i < 10; ++i) {
    const VnnLib file = read_vnnlib(folder / concat("prop_", i + 1, ".vnnlib"));
    EXPECT_EQ(file.inputs, 5u);
    EXPECT_EQ(file.outputs, 5u);
    EXPECT_EQ(file.property.cases.size(), cases[i]) << "property " << i + 1;
    EXPECT_FALSE(file.closed);
  }
  const VnnLib sixth = read_vnnlib(folder / "prop_6.vnnlib");
  const Unsafe& last = sixth.property.cases[7];
  EXPECT_EQ(last.inputs.lower, (Numbers{-0.129289109, -0.499999896, -0.499999896, -0.5, -0.5}));
  EXPECT_EQ(last.inputs.upper, (Numbers{0.700434925, -0.11140846, -0.499204121, 0.5, 0.5}));
  EXPECT_EQ(last.outputs.at(0).coefficients, (Numbers{-1, 0, 0, 0, 1}));
}

}  // namespace
}  // namespace rectify::verify
