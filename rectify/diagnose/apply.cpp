#include "rectify/diagnose/apply.h"

#include <algorithm>
#include <optional>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/base/toml.h"
#include "rectify/diagnose/rules.h"
#include "rectify/diagnose/rules/kit.h"
#include "rectify/train/option_table.h"

namespace rectify::diagnose {

train::Options with_changes(const train::Options& options, std::span<const Change> changes) {
  Json all = Json::parse(train::complete_json(options));
  for (const Change& change : changes) {
    const train::Option* option = nullptr;
    for (const train::Option& row : train::option_table())
      if (train::flag_of(row) == change.flag) option = &row;
    if (!option) fail("there is no option ", change.flag, " to change");
    Json& value = all[option->name];
    const auto number = parse_number(change.value);
    if (value.is_number() && !number)
      fail(change.flag, " wants a number, not '", change.value, "'");
    const auto whole = parse_integer(change.value);
    value = !value.is_number() ? Json(change.value) : whole ? Json(*whole) : Json(*number);
  }
  const train::Options changed = train::options_from_json(all.dump());
  train::check(changed);
  return changed;
}

namespace {

/// The first finding above a note that has changes and was not advised yet; null if there is none.
const Finding* next_advice(std::span<const Finding> findings, const std::vector<Applied>& applied) {
  for (const Finding& finding : findings) {
    const bool seen = std::ranges::find(applied, finding.cause, &Applied::cause) != applied.end();
    if (!seen && finding.severity > Severity::note && !finding.changes.empty()) return &finding;
  }
  return nullptr;
}

/// A rate that learns well in a trial in which the asked one hardly does; nothing if there is none.
std::optional<std::string> far_better_rate(const RateTest& test) {
  if (!test.made()) return {};
  const RateTrial &asked = test.at_asked(), &best = test.best();
  if (!(asked.loss > 0.5 * test.loss_before) || !(best.loss < 0.2 * test.loss_before)) return {};
  return check::rounded(std::min(best.rate, test.limit() / 3));
}

}  // namespace

Advised follow_advice(const train::Options& options, std::span<const Finding> findings,
                      const data::Dataset& dataset, ThreadPool& threads) {
  constexpr int most = 3;
  if (findings.empty()) fail("nothing was found, so there is nothing to change");
  const Finding& first = findings.front();
  if (first.changes.empty())
    fail("the first finding, ", first.cause, ", needs a change that no flag makes: ", first.advice);
  Advised advised{with_changes(options, first.changes), {{first.cause, first.changes}}};
  Facts facts = facts_before(advised.options, dataset, threads);
  for (int i = 0; i < most; ++i) {
    const std::vector<Finding> left = diagnose(facts);
    const Finding* next = next_advice(left, advised.applied);
    if (!next) break;
    advised.options = with_changes(advised.options, next->changes);
    advised.applied.push_back({next->cause, next->changes});
    facts = facts_before(advised.options, dataset, threads);
  }
  if (const auto rate = far_better_rate(facts.rates)) {
    const std::vector<Change> change = {{"--lr", *rate}};
    advised.options = with_changes(advised.options, change);
    advised.applied.push_back({"rate_too_low", change});
  }
  return advised;
}

std::string config_text(const train::Options& options) {
  std::string text = "# rectify train --config config.toml trains with these options\n";
  for (const train::Option& option : train::option_table()) {
    const std::string value = train::text_of(option, options);
    if (value.empty()) continue;
    text += concat(train::flag_of(option).substr(2), " = ", toml_value(value), "\n");
  }
  return text;
}

}  // namespace rectify::diagnose
