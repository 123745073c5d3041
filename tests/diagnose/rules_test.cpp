// The table of rules: what explains what.

#include "rectify/diagnose/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "rectify/base/text.h"
#include "rectify/graph/text.h"

namespace rectify::diagnose {
namespace {

std::size_t place_of(std::string_view cause) {
  return static_cast<std::size_t>(std::ranges::find(rules(), cause, &Rule::cause) -
                                  rules().begin());
}

TEST(Rules, StandBeforeThoseThatTheyExplain) {
  std::set<std::string_view> seen;
  for (const Rule& rule : rules()) {
    EXPECT_TRUE(seen.insert(rule.cause).second) << rule.cause;
    if (rule.explains.empty()) continue;
    for (const std::string& other : split(rule.explains, ' ')) {
      ASSERT_LT(place_of(other), rules().size()) << rule.cause << " explains '" << other << "'";
      EXPECT_GT(place_of(other), place_of(rule.cause)) << rule.cause << " explains " << other;
    }
  }
}

TEST(Rules, SayWhyTheirThresholdIsWhereItIs) {
  for (const Rule& rule : rules()) {
    EXPECT_FALSE(rule.title.empty()) << rule.cause;
    if (std::isnan(rule.threshold)) continue;
    EXPECT_FALSE(rule.measured.empty()) << rule.cause;
    EXPECT_FALSE(rule.reason.empty()) << rule.cause;
  }
}

TEST(Rules, ExplainAcrossOthers) {
  EXPECT_TRUE(explains("rate_too_high", "not_learning"));
  EXPECT_TRUE(explains("inputs_not_scaled", "dead_units"));
  EXPECT_FALSE(explains("not_learning", "rate_too_high"));
  EXPECT_FALSE(explains("dead_units", "dead_units"));
}

/// Facts that show one softmax over one output, which learned nothing.
Facts of_one_softmax() {
  Facts facts{.network = graph::parse_model("2 : dense 4 | relu | dense 1 | softmax"),
              .loss = "sigmoid_cross_entropy"};
  facts.inputs.class_counts = {50, 50};
  facts.outcome = Outcome{.error = 0.5, .baseline_error = 0.5, .one_answer = true, .samples = 100};
  return facts;
}

TEST(Rules, PutTheCauseBeforeItsSymptoms) {
  const auto findings = diagnose(of_one_softmax());
  ASSERT_GE(findings.size(), 3u);
  EXPECT_EQ(findings[0].cause, "single_softmax");
  EXPECT_TRUE(findings[0].explained_by.empty());
  for (std::size_t i = 1; i < findings.size(); ++i)
    EXPECT_EQ(findings[i].explained_by, "single_softmax") << findings[i].cause;
  EXPECT_TRUE(std::ranges::count(findings[0].explains, "not_learning"));
}

TEST(Rules, LoseNoFinding) {
  const Facts facts = of_one_softmax();
  std::size_t found = 0;
  for (const Rule& rule : rules()) found += rule.check(facts, rule).has_value();
  EXPECT_EQ(diagnose(facts).size(), found);
}

Outcome of_classes(double error, double baseline, std::size_t samples) {
  return {.error = error, .baseline_error = baseline, .samples = samples};
}

TEST(Outcome, OfFewSamplesProvesNothing) {
  for (const std::size_t samples : {5, 9, 20, 48, 80})
    for (const double baseline : {0.1, 0.5})
      EXPECT_FALSE(of_classes(0, baseline, samples).failed()) << samples << ", " << baseline;
  EXPECT_TRUE(of_classes(0, 0.1, 48).learned()) << "0.9^48 is 0.6 %";
  EXPECT_FALSE(of_classes(0, 0.1, 20).learned()) << "0.9^20 is 12 %";
  EXPECT_FALSE(of_classes(0.05, 0.1, 100).failed()) << "5 of 100 or fewer come in 6 % of draws";
  EXPECT_TRUE(of_classes(0.1, 0.1, 48).failed()) << "as high as that of a constant answer";
}

TEST(Outcome, OfManySamplesIsHeldAgainstLuck) {
  EXPECT_TRUE(of_classes(0.87, 0.9, 150).failed());
  EXPECT_TRUE(of_classes(0.75, 0.9, 150).learned());
  EXPECT_TRUE(of_classes(0.0965, 0.1, 10000).failed());
  EXPECT_TRUE(of_classes(0.08, 0.1, 10000).learned());
  Outcome one = of_classes(0.5, 0.9, 1000000);
  EXPECT_TRUE(one.learned());
  one.trouble = "went non-finite";
  EXPECT_FALSE(one.learned());
}

TEST(Outcome, IsJudgedAsClassesWeigh) {
  Outcome outcome = of_classes(0.3, 0.1, 500);  // many false alarms for a rare class
  EXPECT_TRUE(outcome.failed());
  outcome.weighed = Outcome::Weighed{.error = 0.2, .baseline_error = 0.5, .samples = 180.5};
  EXPECT_TRUE(outcome.learned());
  EXPECT_FALSE(outcome.failed());
  outcome.weighed->error = 0.5;
  EXPECT_TRUE(outcome.failed());
}

/// What one rule finds in the facts.
std::optional<Finding> found_by(std::string_view cause, const Facts& facts) {
  const Rule& rule = *std::ranges::find(rules(), cause, &Rule::cause);
  return rule.check(facts, rule);
}

TEST(Rules, CallNoRateTooLowAtWhichTheLossRises) {
  Facts facts;
  facts.options.lr = 0.003;
  facts.rates = {.trials = {{0.001, 2.3}, {0.003, 8}, {0.0095, 1.5}, {0.03, 1e9}},
                 .asked = 0.003,
                 .loss_before = 3,
                 .steps = 60};
  EXPECT_FALSE(found_by("rate_too_low", facts)) << "another rate may learn by luck";
  facts.rates.trials[1].loss = 3.02;
  const auto finding = found_by("rate_too_low", facts);
  ASSERT_TRUE(finding) << "it stays where it is";
  EXPECT_GT(std::stod(finding->changes.at(0).value), facts.options.lr);
  facts.rates.trials[3] = {0.009, 1e9};  // the loss rises from there on
  EXPECT_FALSE(found_by("rate_too_low", facts)) << "what is advised would be no higher";
}

/// Before training, a layer of four such units.
Facts with_units(const std::string& activation, const UnitFigures& unit) {
  Facts facts;
  facts.network = graph::parse_model("2 : dense 4 | " + activation + " | dense 2");
  facts.start = Look{.inputs = 512, .signal = {}, .layers = {}};
  facts.start->layers.push_back(
      {.label = activation + "1", .activation = activation, .units = {unit, unit, unit, unit}});
  return facts;
}

TEST(Rules, CallUnitsDeadThatNoInputWakes) {
  // All pre-activations lie far on the left of 0, by their own deviation of 0.1.
  UnitFigures unit{.firing = 1, .mean = -2, .variance = 0.01, .smallest = -2.4, .largest = -1.6};
  for (const char* activation : {"sigmoid", "tanh", "leaky_relu", "elu"})
    EXPECT_FALSE(found_by("dead_units", with_units(activation, unit))) << activation;
  unit.firing = 0;
  unit.flat = 1;
  unit.verdict = Verdict::dead;
  const auto dead = found_by("dead_units", with_units("relu", unit));
  ASSERT_TRUE(dead);
  EXPECT_TRUE(dead->evidence[0].starts_with("4 of 4 units of relu1 answer the same to all 512"))
      << dead->evidence[0];
  UnitFigures far{
      .firing = 1, .flat = 1, .mean = -8, .variance = 0.01, .smallest = -9, .largest = -7};
  const auto flat = found_by("dead_units", with_units("sigmoid", far));
  ASSERT_TRUE(flat);
  EXPECT_EQ(flat->evidence[0],
            "4 of 4 units of sigmoid1 are far in its flat end on all 512 inputs");
}

}  // namespace
}  // namespace rectify::diagnose
