// The table of rules: what explains what.

#include "rectify/diagnose/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

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

}  // namespace
}  // namespace rectify::diagnose
