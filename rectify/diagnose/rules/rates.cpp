// Whether steps are too long, too short or too few: short trainings at other rates, held against
// what the whole run came to.

#include <algorithm>
#include <cmath>

#include "rectify/diagnose/rules/kit.h"

namespace rectify::diagnose::check {

namespace {

const RateTrial* best_where(const RateTest& test, bool (*wanted)(double ratio)) {
  const RateTrial* best = nullptr;
  for (const RateTrial& trial : test.trials)
    if (wanted(trial.rate / test.asked) && std::isfinite(trial.loss) &&
        (!best || trial.loss < best->loss * 0.98))
      best = &trial;
  return best;
}

/// What knowing nothing costs: the loss at the start, or that of the best constant answer.
double ignorance(const Facts& facts) {
  const double constant = facts.outcome ? facts.outcome->baseline_loss : 0;
  return constant > 0 ? std::min(constant, facts.rates.loss_before) : facts.rates.loss_before;
}

/// Whether a short trial gained enough on a whole run, whose last loss was `reached`: of a run that
/// learned nothing a twentieth of what knowing nothing costs, else more than a seventh.
bool is_worth_it(const Facts& facts, double reached, double loss) {
  return reached - loss > (facts.failed() ? 0.05 : 0.15) * ignorance(facts);
}

/// The loss that the run ended with, in training; NaN if it did not come that far.
double last_loss(const Facts& facts) {
  return facts.outcome && !facts.outcome->history.empty() ? facts.outcome->history.back().train_loss
                                                          : std::nan("");
}

std::string loss_text(double loss) {
  return std::isfinite(loss) ? "loss " + brief(loss) : "a loss that is not finite";
}

std::string trial_text(const RateTest& test, const RateTrial& trial) {
  return concat("rate ", brief(trial.rate), " reaches ", loss_text(trial.loss), " in ", test.steps,
                " steps");
}

void advise_rate(Finding& finding, double rate) {
  finding.advice = concat("try --lr ", rounded(rate), ", or --lr auto for a search");
  finding.changes.push_back({"--lr", rounded(rate)});
}

}  // namespace

Found rate_too_high(const Facts& facts, const Rule& rule) {
  const RateTest& test = facts.rates;
  const bool no_epoch =  // of a run by an older program, which kept no record of what broke it
      facts.outcome && facts.outcome->history.empty() && facts.options_are_known && test.made() &&
      !std::isfinite(test.at_asked().loss);
  const bool broke = facts.outcome && (!facts.outcome->trouble.empty() || no_epoch);
  if (!test.made() && !broke) return {};
  if (!test.made()) {
    Finding finding = found(rule, Severity::fault);
    finding.evidence.push_back(facts.outcome->trouble);
    advise_rate(finding, facts.options.lr / 10);
    return finding;
  }
  const RateTrial& asked = test.at_asked();
  const RateTrial* lower = best_where(test, [](double ratio) { return ratio < 0.9; });
  if (!lower || lower->loss > 0.95 * test.loss_before) return {};
  const bool gains_nothing =
      !(asked.loss < 0.98 * ignorance(facts)) && lower->loss < 0.93 * ignorance(facts);
  const bool worse = gains_nothing || !(asked.loss <= rule.threshold * lower->loss);
  const double reached = last_loss(facts);
  const bool run_is_worse = broke || is_worth_it(facts, reached, lower->loss);
  const bool useless = !(asked.loss <= test.loss_before);
  // Without a run a high rate may be meant: it pays in the long term. One that unlearns does not.
  const bool hardly_learns = !(asked.loss <= std::max(2 * lower->loss, 0.7 * test.loss_before));
  if (facts.outcome ? !run_is_worse || (!worse && !broke) : !hardly_learns) return {};
  Finding finding =
      found(rule, broke || useless || facts.failed() ? Severity::fault : Severity::warning);
  finding.evidence.push_back(concat(trial_text(test, *lower), "; the rate asked for, ",
                                    brief(test.asked), ", ", loss_text(asked.loss)));
  if (broke && !no_epoch) finding.evidence.push_back(facts.outcome->trouble);
  if (std::isfinite(reached))
    finding.evidence.push_back(concat("the whole run of ",
                                      count_text(static_cast<std::int64_t>(facts.outcome->steps)),
                                      " steps came to ", loss_text(reached)));
  if (std::isfinite(test.limit()))
    finding.evidence.push_back(
        concat("from rate ", brief(test.limit()), " on the loss ends above where it began"));
  advise_rate(finding, std::min(lower->rate, test.limit() / 3));
  return finding;
}

Found rate_too_low(const Facts& facts, const Rule& rule) {
  const RateTest& test = facts.rates;
  if (!test.made()) return {};
  const RateTrial& asked = test.at_asked();
  const RateTrial* higher = best_where(test, [](double ratio) { return ratio > 1.1; });
  if (!higher || higher->loss > 0.95 * test.loss_before) return {};
  if (!(higher->loss * rule.threshold < asked.loss)) return {};
  // A rate at which the loss rises is not too low, whatever another one does; the trials see other
  // batches than loss_before does.
  constexpr double by_chance = 1.1;
  const double advised = std::min(higher->rate, test.limit() / 3);
  if (!(asked.loss <= by_chance * test.loss_before)) return {};
  if (parse_number(rounded(advised)).value_or(0) <= test.asked) return {};
  const double reached = last_loss(facts);
  if (facts.outcome) {
    if (!is_worth_it(facts, reached, higher->loss) || !facts.outcome->trouble.empty()) return {};
  } else if (asked.loss < 0.97 * test.loss_before) {
    return {};  // slow at first, which may be meant
  }
  Finding finding = found(rule, facts.failed() ? Severity::fault : Severity::warning);
  finding.evidence.push_back(concat(trial_text(test, *higher), "; the rate asked for, ",
                                    brief(test.asked), ", ", loss_text(asked.loss)));
  if (std::isfinite(reached))
    finding.evidence.push_back(concat("the whole run of ",
                                      count_text(static_cast<std::int64_t>(facts.outcome->steps)),
                                      " steps came to ", loss_text(reached)));
  advise_rate(finding, advised);
  return finding;
}

Found too_few_steps(const Facts& facts, const Rule& rule) {
  if (!facts.outcome || facts.outcome->history.size() < 2 || !facts.outcome->trouble.empty())
    return {};
  const auto& history = facts.outcome->history;
  const train::EpochRecord &last = history.back(), &before = history[history.size() - 2];
  const bool falls = last.train_loss < 0.98 * before.train_loss &&
                     last.validation_loss < 0.995 * before.validation_loss;
  const bool still_learns = last.lr > 0.3 * facts.options.lr;
  if (!falls || !still_learns) return {};
  // Few are too few where a fraction of them, at a higher rate, come nearly as far.
  const RateTrial* higher = facts.rates.made()
                                ? best_where(facts.rates, [](double ratio) { return ratio > 1.1; })
                                : nullptr;
  const bool easily = higher && higher->loss < 1.5 * last.train_loss &&
                      1.25 * higher->loss < facts.rates.at_asked().loss;
  const bool few = facts.outcome->steps <= rule.threshold && easily;
  Finding finding = found(rule, facts.failed() ? Severity::fault
                                : few          ? Severity::warning
                                               : Severity::note);
  finding.evidence.push_back(concat("after ",
                                    count_text(static_cast<std::int64_t>(facts.outcome->steps)),
                                    " steps the loss is still falling: ", brief(before.train_loss),
                                    " to ", brief(last.train_loss), " in the last epoch"));
  if (easily) finding.evidence.push_back(trial_text(facts.rates, *higher));
  const int epochs = facts.options.epochs * 5;
  finding.advice = concat("train longer: --epochs ", epochs);
  finding.changes.push_back({"--epochs", std::to_string(epochs)});
  return finding;
}

Found weight_decay_too_high(const Facts& facts, const Rule& rule) {
  if (!facts.options_are_known || facts.options.weight_decay <= 0 || !facts.start) return {};
  const double a_step = facts.options.lr * facts.options.weight_decay;
  double shrunk = 0, weights = 0;
  if (facts.end)
    for (std::size_t i = 0; i < facts.end->signal.layers.size(); ++i) {
      if (i >= facts.start->signal.layers.size()) break;
      ++weights;
      shrunk += facts.end->signal.layers[i].weight_rms <
                rule.threshold * facts.start->signal.layers[i].weight_rms;
    }
  const bool collapsed =
      weights > 0 && shrunk >= 0.5 * weights && facts.outcome && !facts.outcome->learned();
  constexpr double usual = 0.01;  // below it the rate is to blame
  if (!collapsed && (a_step < 0.1 || facts.options.weight_decay < usual)) return {};
  Finding finding = found(rule, collapsed ? Severity::fault : Severity::warning);
  finding.evidence.push_back(
      concat("a step takes ", percent(a_step), " off every weight (--lr times --weight-decay)"));
  if (collapsed)
    finding.evidence.push_back(
        concat(shrunk, " of ", weights, " weights have shrunk to less than a tenth"));
  finding.advice = "--weight-decay 0.0005, or less";
  finding.changes.push_back({"--weight-decay", "0.0005"});
  return finding;
}

Found clip_too_low(const Facts& facts, const Rule& rule) {
  if (!facts.options_are_known || facts.options.clip_norm <= 0 || !facts.start) return {};
  if (facts.outcome && facts.outcome->learned()) return {};
  double square = 0;
  for (const LayerSignal& layer : facts.start->signal.layers)
    square += layer.weight_gradient_norm * layer.weight_gradient_norm;
  const double norm = std::sqrt(square);
  if (!(norm > rule.threshold * facts.options.clip_norm)) return {};
  Finding finding = found(rule, facts.failed() ? Severity::fault : Severity::warning);
  finding.evidence.push_back(concat("the gradient has a norm of ", brief(norm),
                                    " at the start, and is cut to ",
                                    brief(facts.options.clip_norm)));
  finding.advice = "--clip-norm 1, or none";
  finding.changes.push_back({"--clip-norm", "1"});
  return finding;
}

}  // namespace rectify::diagnose::check
