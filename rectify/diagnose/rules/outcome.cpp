// What a training came to: symptoms, which other findings explain.

#include "rectify/diagnose/rules/kit.h"

namespace rectify::diagnose::check {

namespace {

std::string error_text(const Outcome& outcome, double error) {
  return outcome.classes ? percent(error) : "rmse " + brief(error);
}

}  // namespace

Found not_finite(const Facts& facts, const Rule& rule) {
  const bool broke = facts.outcome && !facts.outcome->trouble.empty();
  const Look* look = facts.start ? &*facts.start : facts.latest();
  const std::string first = look ? look->signal.first_not_finite : std::string();
  if (!broke && first.empty()) return {};
  Finding finding = found(rule, Severity::fault, first);
  finding.evidence.push_back(broke ? facts.outcome->trouble
                                   : concat(first, " is not finite before the first step"));
  finding.advice = "a lower --lr, --warmup 1, or --clip-norm 1";
  return finding;
}

Found one_answer(const Facts& facts, const Rule& rule) {
  if (!facts.outcome || !facts.outcome->one_answer) return {};
  Finding finding = found(rule, Severity::fault);
  finding.evidence.push_back(
      concat("all ", facts.outcome->samples, " samples get the same answer"));
  finding.advice = "look at what stands above";
  return finding;
}

Found not_learning(const Facts& facts, const Rule& rule) {
  if (!facts.outcome || !facts.outcome->failed()) return {};
  const Outcome& outcome = *facts.outcome;
  Finding finding = found(rule, Severity::fault);
  const Outcome::Weighed judged = outcome.judged();
  finding.evidence.push_back(
      concat(outcome.weighed ? "the error, weighed by class, is " : "the error is ",
             error_text(outcome, judged.error), "; the same answer to all would give ",
             error_text(outcome, judged.baseline_error)));
  finding.advice = "look at what stands above; if nothing does, at the data";
  return finding;
}

Found overfitting(const Facts& facts, const Rule& rule) {
  if (!facts.outcome) return {};
  const Outcome& outcome = *facts.outcome;
  if (!(outcome.train_error * rule.threshold < outcome.error) ||
      outcome.error - outcome.train_error < 0.05 * outcome.baseline_error)
    return {};
  Finding finding = found(rule, Severity::note);
  finding.evidence.push_back(concat("error ", error_text(outcome, outcome.train_error),
                                    " on training samples, ", error_text(outcome, outcome.error),
                                    " on others"));
  finding.advice = "more data, --augment, dropout, a smaller network, or --patience";
  return finding;
}

}  // namespace rectify::diagnose::check
