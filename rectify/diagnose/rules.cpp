#include "rectify/diagnose/rules.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "rectify/base/text.h"
#include "rectify/diagnose/rules/kit.h"

namespace rectify::diagnose {

namespace {

constexpr double none = NAN;

// What explains what, in one place. A rule stands before those that it explains; among findings of
// the same severity that nothing explains, the one that stands first comes first.
constexpr Rule table[] = {
    {"one_class_labels", "All labels are one class", none, "", "there is nothing to tell apart",
     "case 59325381 (labels divided by 255)", "not_learning one_answer", check::one_class_labels},
    {"single_softmax", "Softmax over one output", none, "", "exp(x) / exp(x) is 1 for every x",
     "cases 31880720, 45337371",
     "output_activation output_range vanishing_gradient not_learning one_answer cannot_fit_few "
     "rate_too_low rate_too_high labels_unrelated",
     check::single_softmax},
    {"output_activation", "The output's activation does not fit the loss", none, "",
     "a cross-entropy takes raw outputs; softmax makes labels exclusive",
     "cases 47352366, 38648195, 59278771",
     "dead_units not_learning one_answer cannot_fit_few vanishing_gradient saturated_units "
     "rate_too_low rate_too_high too_few_steps overfitting",
     check::output_activation},
    {"output_range", "The output cannot give the targets", 0.05,
     "distance of a target beyond the range, in deviations of the targets",
     "no weights can make up for what the last activation cuts off", "cases 48221692, 48251943",
     "dead_units saturated_units not_learning one_answer cannot_fit_few vanishing_gradient "
     "rate_too_low rate_too_high too_few_steps",
     check::output_range},
    {"no_nonlinearity", "Nothing bends between the layers", 2, "layers",
     "linear layers in a row are one linear layer", "Goodfellow et al. 2016, section 6.1",
     "not_learning rate_too_low rate_too_high cannot_fit_few too_few_steps",
     check::no_nonlinearity},
    {"inputs_not_scaled", "The inputs are not scaled", 8, "root mean square of the inputs",
     "the largest stable rate falls with the square: to a 64th at 8; sigmoids saturate from 5 on",
     "LeCun et al. 1998, section 4.3",
     "weights_too_large rate_too_high rate_too_low dead_units saturated_units exploding_gradient "
     "vanishing_gradient saturating_depth not_finite not_learning one_answer cannot_fit_few "
     "too_few_steps initial_bias",
     check::inputs_not_scaled},
    {"constant_feature", "A feature is always the same", 2,
     "constant features at most, unless not 0",
     "many constant features are pixels at a border; one or two are a mistake",
     "LeCun et al. 1998, section 4.3",
     "rate_too_high rate_too_low dead_units saturated_units not_learning one_answer cannot_fit_few "
     "too_few_steps",
     check::constant_feature},
    {"targets_not_scaled", "The targets are not scaled", 10, "deviation of the targets",
     "gradients grow with the targets", "case 52800582",
     "rate_too_high rate_too_low dead_units saturated_units not_finite not_learning one_answer "
     "cannot_fit_few too_few_steps exploding_gradient",
     check::targets_not_scaled},
    {"residual_growth", "Residual blocks let signals explode", 50,
     "growth from the first sum to the last",
     "branches that are as large as usual double the variance a block",
     "Zhang, Dauphin and Ma 2019 (Fixup)",
     "weights_too_large rate_too_high exploding_gradient not_finite not_learning one_answer "
     "cannot_fit_few dead_units",
     check::residual_growth},
    {"weights_too_large", "Initial weights are too large", 4,
     "times the deviation of --init auto, geometric mean over layers",
     "signals grow by that factor a layer", "He et al. 2015, section 2.2",
     "rate_too_high rate_too_low dead_units saturated_units exploding_gradient vanishing_gradient "
     "not_finite not_learning one_answer cannot_fit_few too_few_steps overfitting",
     check::weights_too_large},
    {"weights_too_small", "Initial weights are too small", 0.15,
     "times the deviation of --init auto, geometric mean over layers",
     "signals and gradients shrink by that factor a layer", "He et al. 2015, section 2.2",
     "rate_too_low rate_too_high vanishing_gradient weight_decay_too_high not_learning one_answer "
     "cannot_fit_few "
     "too_few_steps dead_units",
     check::weights_too_small},
    {"initial_bias", "Biases switch units off", 0.5, "share of a layer's units",
     "a bias far beyond what inputs can move leaves no gradient", "docs/activations, anchor values",
     "dead_units saturated_units vanishing_gradient weight_decay_too_high not_learning one_answer "
     "cannot_fit_few "
     "rate_too_low rate_too_high too_few_steps",
     check::initial_bias},
    {"saturating_depth", "Too many layers that saturate", 1e-3,
     "gradient at the first layer over that at the last",
     "a sigmoid passes on a quarter of the gradient at best", "Glorot and Bengio 2010",
     "vanishing_gradient weight_decay_too_high saturated_units not_learning one_answer "
     "cannot_fit_few rate_too_low "
     "rate_too_high too_few_steps",
     check::saturating_depth},
    {"small_batch_norm", "Batch norm over too few samples", 4, "samples a batch",
     "a mean of n samples is off by 1 / sqrt(n) deviations", "Wu and He 2018 (group norm)",
     "rate_too_high rate_too_low dead_units not_learning one_answer overfitting",
     check::small_batch_norm},
    {"weight_decay_too_high", "Weight decay is too strong", 0.1, "size of a weight over its start",
     "decay pulls weights to 0 faster than gradients move them", "Krogh and Hertz 1991",
     "vanishing_gradient not_learning one_answer rate_too_low rate_too_high",
     check::weight_decay_too_high},
    {"clip_too_low", "Gradients are clipped to almost nothing", 300,
     "norm of the gradient over --clip-norm, at the start", "steps are that many times too short",
     "Pascanu et al. 2013, section 3.2", "rate_too_low too_few_steps not_learning one_answer",
     check::clip_too_low},
    {"dropout_too_high", "Dropout is too strong", 0.8, "share that is dropped",
     "what is left varies more than it says", "Srivastava et al. 2014, section 7.3",
     "not_learning one_answer rate_too_low rate_too_high cannot_fit_few too_few_steps",
     check::dropout_too_high},
    {"labels_unrelated", "Labels have nothing to do with the samples", 200, "training samples",
     "nearest neighbours disagree as often as strangers do", "Cover and Hart 1967",
     "not_learning one_answer overfitting rate_too_low rate_too_high", check::labels_unrelated},
    {"rate_too_high", "The learning rate is too high", 1.25,
     "loss at the rate over that at a lower one, after as many steps",
     "steps overshoot, and units die on the way", "Smith 2017; Lu et al. 2019",
     "dead_units saturated_units exploding_gradient not_finite not_learning one_answer "
     "duplicate_units too_few_steps",
     check::rate_too_high},
    {"rate_too_low", "The learning rate is too low", 1.25,
     "loss at the rate over that at a higher one, after as many steps",
     "a few steps at a higher rate do more than the whole run", "Smith 2017",
     "too_few_steps not_learning one_answer", check::rate_too_low},
    {"too_few_steps", "Training stopped while it was still learning", 250,
     "steps, where a fraction of them at a higher rate come nearly as far",
     "the loss fell to the end, and the rate had not been lowered", "cases 44164749, 50306988",
     "not_learning one_answer", check::too_few_steps},
    {"duplicate_units", "Units do the same as others", 0.04, "share of a layer's units",
     "units that start alike get the same gradient and stay alike", "Goodfellow et al. 2016, 8.4",
     "not_learning one_answer cannot_fit_few", check::duplicate_units},
    {"dead_units", "Units are dead", 0.25,
     "share of a layer's units that 4 deviations of their input do not bring to fire",
     "a step of the layer before may wake a unit near its threshold, not one far below",
     "Lu et al. 2019", "vanishing_gradient not_learning one_answer cannot_fit_few",
     check::dead_units},
    {"saturated_units", "Units are saturated", 0.5, "share of a layer's units",
     "where an activation is flat no gradient passes", "Glorot and Bengio 2010",
     "vanishing_gradient not_learning one_answer", check::saturated_units},
    {"not_finite", "Numbers are not finite", none, "", "an infinity or NaN spreads", "",
     "not_learning one_answer", check::not_finite},
    {"cannot_fit_few", "The network cannot learn 16 samples by heart", 0.7,
     "loss after over loss before", "what cannot be fitted cannot be learned",
     "Karpathy 2019, A recipe for training neural networks", "not_learning", check::cannot_fit_few},
    {"exploding_gradient", "Gradients explode on their way back", 1e4,
     "gradient at the first layer over that at the last", "one rate cannot suit both ends",
     "Pascanu et al. 2013", "not_learning", check::exploding_gradient},
    {"vanishing_gradient", "Gradients vanish on their way back", 1e-5,
     "gradient at the first layer over that at the last", "the first layers hardly learn",
     "Hochreiter 1991; Glorot and Bengio 2010", "not_learning", check::vanishing_gradient},
    {"one_answer", "All samples get the same answer", none, "", "", "", "not_learning",
     check::one_answer},
    {"not_learning", "The network does no better than a constant answer", none, "", "", "", "",
     check::not_learning},
    {"uneven_classes", "Classes are uneven", 10, "commonest over rarest",
     "an error over all hides the rare ones", "He and Garcia 2009", "", check::uneven_classes},
    {"overfitting", "It does better on what it has seen", 2,
     "error on other samples over that on training samples",
     "what it knows of the training samples does not carry over", "Goodfellow et al. 2016, 5.2", "",
     check::overfitting},
};

const Rule* find_rule(std::string_view cause) {
  const auto at = std::ranges::find(table, cause, &Rule::cause);
  return at == std::end(table) ? nullptr : at;
}

}  // namespace

std::span<const Rule> rules() { return table; }

bool explains(std::string_view cause, std::string_view other) {
  const Rule* rule = find_rule(cause);
  if (!rule || rule->explains.empty()) return false;
  const auto direct = split(rule->explains, ' ');
  return std::ranges::any_of(
      direct, [&](const std::string& name) { return name == other || explains(name, other); });
}

std::vector<Finding> diagnose(const Facts& facts) {
  std::vector<Finding> all;
  for (const Rule& rule : table)
    if (auto finding = rule.check(facts, rule)) all.push_back(std::move(*finding));
  for (Finding& finding : all)
    for (const Finding& other : all) {
      // A note explains nothing that is worse than a note.
      if (other.severity == Severity::note && finding.severity > Severity::note) continue;
      if (finding.explained_by.empty() && explains(other.cause, finding.cause))
        finding.explained_by = other.cause;
      if (explains(finding.cause, other.cause)) finding.explains.push_back(other.cause);
    }
  std::vector<Finding> ordered;
  const std::function<void(const std::string&)> take = [&](const std::string& cause) {
    for (Finding& finding : all)
      if (finding.explained_by == cause && !finding.cause.empty()) {
        ordered.push_back(std::move(finding));
        finding.cause.clear();
      }
  };
  std::vector<std::size_t> roots;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].explained_by.empty()) roots.push_back(i);
  std::ranges::stable_sort(roots, std::greater<>{}, [&](std::size_t i) { return all[i].severity; });
  for (const std::size_t i : roots) {
    const std::string cause = all[i].cause;
    ordered.push_back(std::move(all[i]));
    all[i].cause.clear();
    take(cause);
  }
  return ordered;
}

}  // namespace rectify::diagnose
