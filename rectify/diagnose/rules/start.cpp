// How signals and gradients pass through the initial weights.

#include <algorithm>
#include <cmath>

#include "rectify/diagnose/rules/kit.h"
#include "rectify/graph/activate.h"

namespace rectify::diagnose::check {

namespace {

constexpr double no_ratio = 0;

/// The geometric mean of (weights as drawn) / (weights as usual) over the layers but the last,
/// which some start from 0; of a single layer its own.
double start_ratio(const Signal& signal) {
  double logs = 0, count = 0;
  const std::size_t hidden = std::max<std::size_t>(1, signal.layers.size() - 1);
  for (std::size_t i = 0; i < std::min(hidden, signal.layers.size()); ++i) {
    const LayerSignal& layer = signal.layers[i];
    if (layer.usual_rms <= 0 || (layer.weight_rms <= 0 && signal.layers.size() < 2)) continue;
    if (layer.weight_rms <= 0) return 1e-9;  // nothing passes, whatever the others are
    logs += std::log(layer.weight_rms / layer.usual_rms);
    ++count;
  }
  return count > 0 ? std::exp(logs / count) : no_ratio;
}

/// The hidden layer whose pre-activations are largest.
const LayerSignal* largest_layer(const Signal& signal) {
  const auto at = std::ranges::max_element(signal.layers, {}, &LayerSignal::output_rms);
  return at == signal.layers.end() ? nullptr : &*at;
}

/// What a layer passes on of what differs between samples, on average over the hidden layers.
double factor_per_layer(const Signal& signal) {
  const std::size_t n = signal.layers.size();
  if (n < 3) return 1;
  const double first = signal.layers[0].output_spread, last = signal.layers[n - 2].output_spread;
  return first > 0 ? std::pow(last / first, 1.0 / static_cast<double>(n - 2)) : 1;
}

const LayerFigures* figures_of(const Look& look, const std::string& activation) {
  const auto at = std::ranges::find(look.layers, activation, &LayerFigures::label);
  return activation.empty() || at == look.layers.end() ? nullptr : &*at;
}

/// The share of units that a bias could have switched off: they are left of 0, or flat, on every
/// input.
double off_share(const LayerFigures& layer) {
  const auto off = std::ranges::count_if(layer.units, [](const UnitFigures& u) {
    return u.largest < 0 || u.verdict == Verdict::dead || u.verdict == Verdict::nearly_dead ||
           u.verdict == Verdict::saturated;
  });
  return static_cast<double>(off) / static_cast<double>(layer.units.size());
}

double gradient_ratio(const Signal& signal) {
  if (signal.layers.size() < 2) return 1;
  const double last = signal.layers.back().gradient_rms;
  return last > 0 ? signal.layers.front().gradient_rms / last : 1;
}

}  // namespace

Found initial_bias(const Facts& facts, const Rule& rule) {
  const Look* look = facts.start ? &*facts.start : facts.latest();
  if (!look) return {};
  constexpr double far = 3;  // spreads that the bias is away
  for (const LayerSignal& layer : look->signal.layers) {
    const LayerFigures* units = figures_of(*look, layer.activation);
    if (!units || off_share(*units) < rule.threshold) continue;
    if (layer.bias_median == 0 || layer.bias_median < far * layer.output_spread) continue;
    Finding finding = found(rule, Severity::fault, layer.label);
    finding.evidence.push_back(
        concat("the biases of ", layer.label, " have a mean of ", brief(layer.bias_mean),
               ", while its sums differ between samples by ", brief(layer.output_spread), ": ",
               percent(off_share(*units)), " of the units of ", units->label,
               " are out of reach on ", look->inputs, " inputs"));
    finding.advice = "start biases from 0";
    advise_usual_start(facts, finding);
    return finding;
  }
  return {};
}

Found residual_growth(const Facts& facts, const Rule& rule) {
  if (!facts.start) return {};
  const auto& sums = facts.start->signal.sums;
  if (sums.empty() || sums.front().skip_rms == 0) return {};
  const double growth = sums.back().output_rms / sums.front().skip_rms;
  const double per_block = std::pow(growth, 1.0 / static_cast<double>(sums.size()));
  if (std::isfinite(growth) && (growth < rule.threshold || per_block < 1.6)) return {};
  Finding finding = found(rule, Severity::fault, sums.back().label);
  finding.evidence.push_back(concat("from ", sums.front().label, " to ", sums.back().label,
                                    " signals grow ", brief(growth), " times, ", brief(per_block),
                                    " times a block"));
  finding.advice = "let branches begin small: gain=0.1 at their last layer, or a norm";
  const std::string text = with_items(*facts.network, [](const std::string& item) {
    const std::size_t at = item.find("gain=");
    if (at == std::string::npos) return item;
    const std::size_t end = std::min(item.find(' ', at), item.size());
    return item.substr(0, at) + "gain=0.1" + item.substr(end);
  });
  if (text.empty())
    advise_usual_start(facts, finding);
  else
    finding.changes.push_back({"--model", text});
  return finding;
}

Found weights_too_large(const Facts& facts, const Rule& rule) {
  if (!facts.start) return {};
  const Signal& signal = facts.start->signal;
  const double ratio = start_ratio(signal);
  const LayerSignal* largest = largest_layer(signal);
  if (!largest || ratio < 1.5) return {};
  constexpr double loud = 30;  // logits of that size make the loss ten times what it should be
  const double grown = signal.input_rms > 0 ? largest->output_rms / signal.input_rms : 0;
  double flat = 0;
  for (const LayerFigures& layer : facts.start->layers)
    flat = std::max(flat, layer.share(Verdict::saturated));
  const bool explodes = !(grown <= 100) || !(signal.result_rms <= loud) || flat > 0.5;
  if (!explodes && ratio < rule.threshold) return {};
  const LayerSignal& oddest =
      *std::ranges::max_element(signal.layers, {}, [](const LayerSignal& layer) {
        return layer.usual_rms > 0 ? layer.weight_rms / layer.usual_rms : 0;
      });
  Finding finding = found(rule, explodes ? Severity::fault : Severity::warning, oddest.label);
  finding.evidence.push_back(concat("weights are ", brief(ratio),
                                    " times as large as the usual start draws them (",
                                    oddest.weight, ": ", brief(oddest.weight_rms), " in place of ",
                                    brief(oddest.usual_rms), ")"));
  finding.evidence.push_back(concat("signals of size ", brief(signal.input_rms), " leave ",
                                    largest->label, " with size ", brief(largest->output_rms),
                                    "; the loss begins at ", brief(signal.loss)));
  finding.advice = "start from usual weights: --init auto, no gain=";
  advise_usual_start(facts, finding);
  return finding;
}

Found weights_too_small(const Facts& facts, const Rule& rule) {
  if (!facts.start) return {};
  const Signal& signal = facts.start->signal;
  const double ratio = start_ratio(signal);
  if (ratio == no_ratio || ratio > 0.85) return {};
  const double factor = factor_per_layer(signal);
  const std::size_t n = signal.layers.size();
  const double passed = n < 3 ? 1 : signal.layers[n - 2].output_spread / signal.input_rms;
  const bool vanishes = passed < 1e-3 || ratio < 1e-6;
  if (!vanishes && ratio > rule.threshold) return {};
  Finding finding = found(rule, vanishes ? Severity::fault : Severity::warning);
  finding.evidence.push_back(
      concat("weights are ", brief(ratio), " times what the usual start draws"));
  if (n >= 3)
    finding.evidence.push_back(concat("each layer passes on ", brief(factor),
                                      " of what differs between samples; after ", n - 1, " layers ",
                                      brief(passed), " is left"));
  finding.advice = "start from weights that fit the activation: --init auto";
  advise_usual_start(facts, finding);
  return finding;
}

Found saturating_depth(const Facts& facts, const Rule& rule) {
  if (!facts.start || !facts.network) return {};
  const Signal& signal = facts.start->signal;
  double two_sided = 0;
  std::string name;
  for (const LayerFigures& layer : facts.start->layers)
    if (is_two_sided(facts.network->node(facts.network->find(layer.label)))) {
      ++two_sided;
      name = layer.activation;
    }
  if (signal.layers.size() < 4 || two_sided < 0.7 * static_cast<double>(signal.layers.size() - 1))
    return {};
  const double ratio = gradient_ratio(signal), start = start_ratio(signal);
  if (ratio > rule.threshold || start < 0.3 || start > 3) return {};
  Finding finding = found(rule, Severity::fault, signal.layers.front().label);
  finding.evidence.push_back(concat(
      two_sided, " layers of ", name, ": of the gradient at ", signal.layers.back().label, ", ",
      brief(ratio), " is left at ", signal.layers.front().label, ", ",
      brief(std::pow(ratio, 1.0 / static_cast<double>(signal.layers.size() - 1))), " a layer"));
  finding.advice = concat("take relu in place of ", name, ", or fewer layers");
  const std::string text = with_items(*facts.network, [&](const std::string& item) {
    return split(item, ' ')[0] == name ? std::string("relu") : item;
  });
  if (!text.empty()) finding.changes.push_back({"--model", text});
  if (facts.options.init != "auto") finding.changes.push_back({"--init", "auto"});
  return finding;
}

Found cannot_fit_few(const Facts& facts, const Rule& rule) {
  const SmallFit& fit = facts.small_fit;
  if (fit.samples == 0 || fit.loss_after <= rule.threshold * fit.loss_before) return {};
  Finding finding = found(rule, Severity::warning);
  finding.evidence.push_back(concat("trained on ", fit.samples,
                                    " samples alone, the loss goes from ", brief(fit.loss_before),
                                    " to ", brief(fit.loss_after), " in ", fit.steps, " steps"));
  finding.advice = "look at the findings above; a network that learns should know these by heart";
  return finding;
}

Found vanishing_gradient(const Facts& facts, const Rule& rule) {
  const Look* look = facts.start ? &*facts.start : facts.latest();
  if (!look || look->signal.layers.size() < 3) return {};
  const double ratio = gradient_ratio(look->signal);
  if (ratio >= rule.threshold) return {};
  const auto& layers = look->signal.layers;
  Finding finding = found(rule, Severity::warning, layers.front().label);
  finding.evidence.push_back(concat("the gradient at ", layers.front().label, " is ", brief(ratio),
                                    " of that at ", layers.back().label));
  finding.advice = "rectifiers, --init auto, norms or residual blocks keep gradients alive";
  return finding;
}

Found exploding_gradient(const Facts& facts, const Rule& rule) {
  const Look* look = facts.start ? &*facts.start : facts.latest();
  if (!look || look->signal.layers.size() < 3) return {};
  const double ratio = gradient_ratio(look->signal);
  if (ratio <= rule.threshold) return {};
  const auto& layers = look->signal.layers;
  Finding finding = found(rule, Severity::warning, layers.front().label);
  finding.evidence.push_back(concat("the gradient at ", layers.front().label, " is ", brief(ratio),
                                    " times that at ", layers.back().label));
  finding.advice = "--init auto, norms, or --clip-norm 1";
  return finding;
}

}  // namespace rectify::diagnose::check
