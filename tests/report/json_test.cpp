#include "rectify/base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <locale>
#include <string>

#include "rectify/report/comparison.h"
#include "tests/report/sample.h"

namespace rectify::report {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// A locale that writes 1.234,5: what must not show in any output.
struct Comma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

class GlobalLocale {
 public:
  explicit GlobalLocale(const std::locale& locale) : before_(std::locale::global(locale)) {}
  ~GlobalLocale() { std::locale::global(before_); }

 private:
  std::locale before_;
};

TEST(ToJson, HasEveryFieldOfTheContractInItsOrder) {
  const Json json = Json::parse(to_json(sample_comparison(3)));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["rectify"], "0.1.0");
  for (const char* key : {"date", "command", "machine", "data", "config", "class_names", "seeds",
                          "activations", "verdict", "notes"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json.members().front().first, "schema");
  ASSERT_EQ(json["activations"].size(), 3u);
  for (const Json& one : json["activations"]) {
    for (const char* key :
         {"name", "model", "lr", "search", "test_error", "best_epoch", "seconds_per_epoch",
          "samples_per_second", "epochs_to_rival", "exact_zeros", "dead_units", "gradient_ratio",
          "layers", "history", "confusion"})
      EXPECT_TRUE(one.contains(key)) << key;
    for (const char* key : {"mean", "sd", "values"}) EXPECT_TRUE(one["test_error"].contains(key));
    EXPECT_EQ(one["test_error"]["values"].size(), 5u);
    EXPECT_EQ(one["history"].size(), 30u);
    EXPECT_EQ(one["history"][0]["epoch"], 1);
    EXPECT_EQ(one["history"][0]["layers"].size(), 3u);
    EXPECT_EQ(one["layers"][0]["outputs"]["counts"].size(), 40u);
    EXPECT_EQ(one["confusion"].size(), 10u);
    EXPECT_GT(one["test_error"]["mean"].get<double>(), 0);
    EXPECT_LT(one["test_error"]["mean"].get<double>(), 1);
  }
}

TEST(ToJson, WritesNullForEveryNumberThatIsNotFinite) {
  Comparison comparison = sample_comparison(1, 3, 4);
  ActivationResult& one = comparison.activations[0];
  one.match_epoch = std::nan("");
  one.gradient_ratio = inf;
  one.test_error.sd = std::nan("");
  one.test_error.values[1] = -inf;
  one.search[0].validation_error = std::nan("");
  one.history[2].train_loss = inf;
  one.history[2].layers[0].gradient_norm = std::nan("");
  one.layers[1].outputs.high = inf;
  const std::string text = to_json(comparison);
  EXPECT_EQ(text.find("nan"), std::string::npos);
  EXPECT_EQ(text.find(": inf"), std::string::npos);
  const Json json = Json::parse(text)["activations"][0];
  EXPECT_TRUE(json["epochs_to_rival"].is_null());
  EXPECT_TRUE(json["gradient_ratio"].is_null());
  EXPECT_TRUE(json["test_error"]["sd"].is_null());
  EXPECT_TRUE(json["test_error"]["values"][1].is_null());
  EXPECT_TRUE(json["search"][0]["validation_error"].is_null());
  EXPECT_TRUE(json["history"][2]["train_loss"].is_null());
  EXPECT_TRUE(json["history"][2]["layers"][0]["gradient_norm"].is_null());
  EXPECT_TRUE(json["layers"][1]["outputs"]["high"].is_null());
}

TEST(ToJson, ReadsBackAsTheSameDoublesAndSeeds) {
  Comparison comparison = sample_comparison(2);
  comparison.seeds[0] = std::numeric_limits<std::uint64_t>::max();
  comparison.activations[0].lr = 0.1 + 0.2;
  comparison.activations[1].lr = 5e-324;
  const Json json = Json::parse(to_json(comparison));
  EXPECT_EQ(json["seeds"][0].get<std::uint64_t>(), std::numeric_limits<std::uint64_t>::max());
  for (std::size_t i = 0; i < 2; ++i) {
    const ActivationResult& one = comparison.activations[i];
    const Json& read = json["activations"][i];
    EXPECT_EQ(read["lr"].get<double>(), one.lr);
    for (std::size_t k = 0; k < one.test_error.values.size(); ++k)
      EXPECT_EQ(read["test_error"]["values"][k].get<double>(), one.test_error.values[k]);
    for (std::size_t k = 0; k < one.history.size(); ++k)
      EXPECT_EQ(read["history"][k]["train_loss"].get<double>(), one.history[k].train_loss);
  }
}

TEST(ToJson, KeepsANameThatIsNotUtf8FromLosingTheResults) {
  Comparison comparison = sample_comparison(1);
  comparison.class_names[0] = "\xff\xfe";
  EXPECT_EQ(Json::parse(to_json(comparison))["class_names"][0], "\uFFFD\uFFFD");
  EXPECT_NO_THROW(to_html(comparison));
  EXPECT_NO_THROW(to_text(comparison));
}

TEST(Report, IsTheSameInAnyLocale) {
  const Comparison comparison = sample_comparison(3);
  const std::string json = to_json(comparison), text = to_text(comparison),
                    html = to_html(comparison);
  const GlobalLocale other(std::locale(std::locale::classic(), new Comma));
  EXPECT_EQ(to_json(comparison), json);
  EXPECT_EQ(to_text(comparison), text);
  EXPECT_EQ(to_html(comparison), html);
}

}  // namespace
}  // namespace rectify::report
