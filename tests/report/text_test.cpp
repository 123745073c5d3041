#include "rectify/base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/report/comparison.h"
#include "rectify/report/format.h"
#include "tests/report/sample.h"

namespace rectify::report {
namespace {

std::size_t columns_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  return lines;
}

void expect_width(const std::string& text, std::size_t width) {
  for (const std::string& line : lines_of(text)) EXPECT_LE(columns_of(line), width) << line;
}

/// Numbers as wide as they come, and some that do not exist.
Comparison awkward() {
  Comparison out = sample_comparison(4);
  for (ActivationResult& one : out.activations) {
    one.name = "sixteen_letters_" + std::to_string(&one - out.activations.data());
    one.name = one.name.substr(one.name.size() - 16);
    one.test_error.mean = .9876;
    one.test_error.sd = .1234;
    one.best_epoch.mean = 12345.5;
    one.seconds_per_epoch = 0.00012345;
    one.samples_per_second = 999.4e3;
    one.match_epoch = 99999;
    one.exact_zeros = 1;
    one.dead_units = 1;
    one.gradient_ratio = 1.2345e-12;
    one.lr = 0.00012345;
  }
  out.activations[2].test_error.sd = std::nan("");
  ActivationResult& none = out.activations[3];
  none.test_error.mean = none.test_error.sd = none.best_epoch.mean = none.seconds_per_epoch =
      none.samples_per_second = none.match_epoch = none.exact_zeros = none.dead_units =
          none.gradient_ratio = none.lr = std::nan("");
  return out;
}

TEST(ToText, NeverExceedsTheWidth) {
  Comparison comparison = sample_comparison(12);
  comparison.verdict += " See /a/very/long/path" + std::string(200, 'x') + " for more.";
  comparison.notes.push_back(std::string(300, 'y'));
  for (const int width : {20, 33, 50, 64, 79, 80, 81, 100, 132}) {
    expect_width(to_text(comparison, width), static_cast<std::size_t>(width));
    expect_width(to_text(awkward(), width), static_cast<std::size_t>(width));
  }
}

TEST(ToText, ShowsSixteenLettersAndAllColumnsInEightyColumns) {
  const Comparison comparison = awkward();
  const std::string text = to_text(comparison, 80);
  for (const ActivationResult& one : comparison.activations)
    EXPECT_NE(text.find(one.name), std::string::npos) << text;
  for (const char* title : {"error %", "epoch", "per s", "match", "exact", "dead", "ratio", "lr"})
    EXPECT_NE(text.find(title), std::string::npos) << title;
}

TEST(ToText, ShowsDeadChannelsBesideDeadUnitsWhereTheyAreNotTheSame) {
  Comparison comparison = sample_comparison(2);
  EXPECT_EQ(to_text(comparison, 100).find("chan%"), std::string::npos) << "dense layers alone";
  ActivationResult& one = comparison.activations[0];
  one.layers[0].channels = one.layers[0].units / 100;
  one.dead_units = 0.106;
  one.dead_channels = 0.25;
  const std::string text = to_text(comparison, 100);
  EXPECT_NE(text.find("chan%"), std::string::npos) << text;
  EXPECT_NE(text.find("10.6   25.0"), std::string::npos) << text;
  EXPECT_NE(to_html(comparison).find("Dead channels</th>"), std::string::npos);
}

TEST(ToText, CutsLongerNamesAndCountsCodePointsNotBytes) {
  Comparison comparison = sample_comparison(3);
  comparison.activations[0].name = std::string(60, 'n');
  comparison.activations[1].name = "größe_ä_ö_ü";
  const std::string text = to_text(comparison, 80);
  expect_width(text, 80);
  EXPECT_NE(text.find("nnnnnnnnnnnnnnn…"), std::string::npos) << text;
  EXPECT_NE(text.find("größe_ä_ö_ü "), std::string::npos) << text;
}

TEST(ToText, ShowsErrorZerosAndSpeedWhereInferenceWasTimed) {
  Comparison comparison = sample_comparison(2);
  EXPECT_EQ(to_text(comparison).find("by layer"), std::string::npos);
  comparison.activations[0].name = "threshold_relu theta=0.25 + rbm l1=0.0001";
  for (ActivationResult& one : comparison.activations) {
    one.answers_of_one = 1234, one.answers_of_batch = 56789;
    one.layers.resize(3);
    for (Layer& layer : one.layers) layer.exact_zeros = 0.8123;
    one.layers[2].exact_zeros = 0.4;
  }
  const std::string text = to_text(comparison);
  for (const char* part : {"by layer", "81 81 40", "1.23k", "56.8k", "128 at once", "=0.0001 "})
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  for (const std::size_t width : {20u, 60u, 80u, 132u})
    expect_width(to_text(comparison, static_cast<int>(width)), width);
}

TEST(ToText, AlignsItsColumns) {
  for (const Comparison& comparison : {sample_comparison(12), awkward()}) {
    const std::vector<std::string> lines = lines_of(to_text(comparison));
    const std::size_t width = columns_of(lines[1]);
    for (std::size_t row = 1; row < 3 + comparison.activations.size(); ++row)
      EXPECT_EQ(columns_of(lines[row]), width) << lines[row];
  }
}

TEST(ToText, SortsByErrorThenNameAndPutsMissingErrorsLast) {
  Comparison comparison = sample_comparison(4);
  auto& a = comparison.activations;
  a[0].name = "none", a[0].test_error.mean = std::nan("");
  a[1].name = "second", a[1].test_error.mean = .02;
  a[2].name = "worst", a[2].test_error.mean = .03;
  a[3].name = "first", a[3].test_error.mean = .02;
  EXPECT_EQ(ranking(comparison), (std::vector<std::size_t>{3, 1, 2, 0}));
  const std::string text = to_text(comparison);
  EXPECT_LT(text.find("first"), text.find("second"));
  EXPECT_LT(text.find("second"), text.find("worst"));
  EXPECT_LT(text.find("worst"), text.find("none"));
}

TEST(ToText, SaysWhyThereIsNoVerdict) {
  const std::string text = to_text(sample_comparison(3, 2));
  EXPECT_NE(text.find("2 seeds are too few for a verdict"), std::string::npos) << text;
  EXPECT_NE(to_text(sample_comparison(1, 2)).find("no competitor"), std::string::npos);
  EXPECT_NE(to_text(sample_comparison(2, 1)).find("one seed is too"), std::string::npos);
  EXPECT_NE(to_text(Comparison{}).find("Nothing was compared"), std::string::npos);
}

TEST(ToText, LetsNoNameSteerTheTerminal) {
  Comparison comparison = sample_comparison(2);
  comparison.activations[0].name = "re\x1b[31mlu\n";
  comparison.notes = {"a\x1b]0;title\x07"};
  const std::string text = to_text(comparison);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST(Format, WritesNumbersForPeople) {
  EXPECT_EQ(percent_text(.0162, 2), "1.62");
  EXPECT_EQ(percent_text(0, 1), "0.0");
  EXPECT_EQ(percent_text(1e-5, 1), "<0.1");
  EXPECT_EQ(percent_text(std::nan(""), 1), "–");
  EXPECT_EQ(significant_text(0.0123456, 3), "0.0123");
  EXPECT_EQ(significant_text(1.2e-6, 3), "1.2e-6");
  EXPECT_EQ(significant_text(123456.7, 3), "123457");
  EXPECT_EQ(significant_text(1e300, 3), "1e300");
  EXPECT_EQ(short_text(0.00032, 6), "3.2e-4");
  EXPECT_EQ(column_text(0.42), "0.420");
  EXPECT_EQ(column_text(0.000412), "4.1·10⁻⁴");
  EXPECT_EQ(column_text(1234.5), "1234");
  EXPECT_EQ(rate_text(45230), "45.2k");
  EXPECT_EQ(rate_text(999.6e3), "1M");
}

}  // namespace
}  // namespace rectify::report
