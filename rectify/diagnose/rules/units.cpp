// What the units of the activations do.

#include <algorithm>
#include <cmath>

#include "rectify/diagnose/rules/kit.h"
#include "rectify/graph/activate.h"

namespace rectify::diagnose::check {

namespace {

/// The layer with the largest share of a verdict, among layers of at least `least` units.
const LayerFigures* worst(const Look& look, Verdict verdict, std::size_t least) {
  const LayerFigures* most = nullptr;
  for (const LayerFigures& layer : look.layers)
    if (layer.units.size() >= least && (!most || layer.share(verdict) > most->share(verdict)))
      most = &layer;
  return most;
}

/// How many of a layer's units their inputs are far from waking: they never fire, and the largest
/// pre-activation is 4 deviations below 0; or all of them are in the flat end of a sigmoid; or the
/// pre-activation never varies. An activation that is nowhere flat always fires.
std::int64_t out_of_reach(const LayerFigures& layer) {
  return std::ranges::count_if(layer.units, [](const UnitFigures& u) {
    const double far = 4 * std::sqrt(u.variance);
    return (u.firing == 0 && -u.largest >= far) || (u.flat == 1 && std::abs(u.mean) >= far) ||
           u.smallest == u.largest;
  });
}

double share_out_of_reach(const LayerFigures& layer) {
  return static_cast<double>(out_of_reach(layer)) / static_cast<double>(layer.units.size());
}

/// Whether the run learned with these units as they are: its error is what its last epoch recorded.
/// Of a model whose training nobody knows, and of weights that were changed since, nobody can tell.
bool has_coped(const Facts& facts) {
  if (!facts.outcome || !facts.outcome->learned() || facts.outcome->history.empty()) return false;
  const double recorded = facts.outcome->history.back().validation_error;
  return facts.outcome->error <= 1.1 * recorded + 0.01 * facts.outcome->baseline_error;
}

std::string units_of(const LayerFigures& layer) {
  return layer.positions > 1 ? "channels" : "units";
}

/// The share of the same layer at the start; 0 if nobody knows.
double share_at_start(const Facts& facts, const LayerFigures& layer, Verdict verdict) {
  if (!facts.start || !facts.end) return 0;
  const auto at = std::ranges::find(facts.start->layers, layer.label, &LayerFigures::label);
  return at == facts.start->layers.end() ? 0 : at->share(verdict);
}

std::string count_of(const LayerFigures& layer, Verdict verdict) {
  return concat(layer.count(verdict), " of ", layer.units.size(), " ", units_of(layer), " of ",
                layer.label);
}

/// What shows that units of the layer are dead. Those of a smooth activation still answer, in its
/// flat end, where next to no gradient passes.
std::string evidence_of_death(const LayerFigures& layer, std::size_t inputs) {
  if (layer.count(Verdict::dead) == 0)
    return concat(out_of_reach(layer), " of ", layer.units.size(), " ", units_of(layer), " of ",
                  layer.label, " are far in its flat end on all ", inputs, " inputs");
  return concat(count_of(layer, Verdict::dead), " answer the same to all ", inputs,
                " inputs (each fires on less than ", percent(firing_bound(inputs)),
                " of all, at 95 % confidence); ", percent(share_out_of_reach(layer)),
                " of the layer are far from firing");
}

}  // namespace

Found dead_units(const Facts& facts, const Rule& rule) {
  const Look* look = facts.latest();
  if (!look) return {};
  constexpr double most = 0.5;  // dead of any kind
  const LayerFigures* layer = nullptr;
  double worst_far = 0;
  for (const LayerFigures& candidate : look->layers) {
    if (candidate.units.size() < 4) continue;
    const double far = share_out_of_reach(candidate), dead = candidate.share(Verdict::dead);
    if (far < rule.threshold && dead < most) continue;
    if (layer && std::max(far, dead / 2) <= worst_far) continue;
    layer = &candidate;
    worst_far = std::max(far, dead / 2);
  }
  if (!layer) return {};
  const double share = layer->share(Verdict::dead), far = share_out_of_reach(*layer);
  const bool learned = facts.outcome && facts.outcome->learned();
  const Severity severity = !learned && (share >= most || facts.failed()) ? Severity::fault
                            : far >= rule.threshold && !has_coped(facts)  ? Severity::warning
                                                                          : Severity::note;
  Finding finding = found(rule, severity, layer->label);
  finding.evidence.push_back(evidence_of_death(*layer, look->inputs));
  if (facts.start && facts.end)
    finding.evidence.push_back(concat(
        "at the start ", percent(share_at_start(facts, *layer, Verdict::dead)), " were dead"));
  finding.advice = facts.end ? "rectify heal gives dead units a new start; a lower --lr or "
                               "--activation leaky_relu keeps them from dying"
                             : "--init auto; --activation leaky_relu has no dead units";
  if (facts.network) {
    const std::string text = with_items(*facts.network, [](const std::string& item) {
      return item == "relu" ? std::string("leaky_relu") : item;
    });
    if (!text.empty()) finding.changes.push_back({"--model", text});
  }
  return finding;
}

Found saturated_units(const Facts& facts, const Rule& rule) {
  const Look* look = facts.latest();
  if (!look) return {};
  const LayerFigures* layer = worst(*look, Verdict::saturated, 4);
  if (!layer || layer->share(Verdict::saturated) < rule.threshold) return {};
  Finding finding = found(rule, facts.failed() ? Severity::fault : Severity::warning, layer->label);
  finding.evidence.push_back(concat(count_of(*layer, Verdict::saturated),
                                    " are flat on 95 % of the inputs: no gradient passes"));
  finding.advice = "scale the inputs, start from smaller weights, or take a rectifier";
  return finding;
}

Found duplicate_units(const Facts& facts, const Rule& rule) {
  const Look* look = facts.latest();
  if (!look) return {};
  const LayerFigures* layer = worst(*look, Verdict::duplicate, 2);
  if (!layer || layer->count(Verdict::duplicate) < 2 ||
      layer->share(Verdict::duplicate) < rule.threshold)
    return {};
  const double share = layer->share(Verdict::duplicate);
  Finding finding = found(rule, share > 0.5 ? Severity::fault : Severity::warning, layer->label);
  finding.evidence.push_back(concat(count_of(*layer, Verdict::duplicate),
                                    " give the same as another one on all inputs; its outputs vary "
                                    "in ",
                                    brief(layer->effective_rank), " directions"));
  finding.advice =
      "start units from different random weights; rectify heal merges those that are alike";
  if (facts.start && facts.network) advise_usual_start(facts, finding);
  return finding;
}

}  // namespace rectify::diagnose::check
