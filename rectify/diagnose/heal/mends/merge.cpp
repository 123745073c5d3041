// merge: of units that give the same on every sample one stays, with the sum of their outgoing
// weights.

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/diagnose/heal/values.h"

namespace rectify::diagnose::ops {

namespace {

constexpr float same = 1e-5f;  ///< of a unit's largest output: rounding

/// A duplicate and the unit that gives the same.
struct Pair {
  std::size_t twin, unit;
  float apart = 0, size = 0;  ///< largest difference, largest output
};

/// The first unit of a chain of twins.
std::size_t first_twin(const std::vector<UnitFigures>& units, std::size_t unit) {
  while (units[unit].twin >= 0) unit = static_cast<std::size_t>(units[unit].twin);
  return unit;
}

std::vector<Pair> candidates(const LayerFigures& figures) {
  std::vector<Pair> pairs;
  for (std::size_t unit = 0; unit < figures.units.size(); ++unit)
    if (figures.units[unit].verdict == Verdict::duplicate)
      pairs.push_back({first_twin(figures.units, unit), unit});
  return pairs;
}

/// Those that give the same on all samples: a verdict looks at a few hundred.
std::vector<Pair> confirmed(Patient& patient, const Links& links, std::vector<Pair> pairs) {
  if (pairs.empty()) return pairs;
  run_over(patient.model(), patient.dataset, patient.dataset.train, patient.samples(),
           {links.activation, patient.model().graph.result}, patient.threads,
           [&](const run::Plan& plan) {
             const std::span<const float> y = plan.value(links.activation);
             for (Pair& pair : pairs)
               for (std::size_t i = 0; i < y.size(); i += links.units) {
                 const float a = y[i + pair.twin], b = y[i + pair.unit];
                 pair.apart = std::max(pair.apart, std::abs(a - b));
                 pair.size = std::max(pair.size, std::abs(a));
               }
           });
  std::erase_if(pairs, [](const Pair& pair) { return !(pair.apart <= same * pair.size); });
  return pairs;
}

void add_outgoing(model::Model& model, const Links& links, const Pair& pair) {
  for (const graph::NodeId reader : links.readers) {
    const ReaderRows rows = reader_rows(model, reader);
    std::vector<std::size_t> from;
    each_in_row(rows, links.units, pair.unit, [&](std::size_t at) { from.push_back(at); });
    std::size_t next = 0;
    each_in_row(rows, links.units, pair.twin,
                [&](std::size_t at) { rows.numbers[at] += rows.numbers[from[next++]]; });
  }
}

/// What is to be done to one layer.
struct Plan {
  Links links;
  std::vector<Pair> pairs;
  MendedLayer layer;
};

Plan plan_for(Patient& patient, const Links& links) {
  const LayerFigures& figures = patient.figures(links.activation);
  Plan plan{links,
            candidates(figures),
            {.label = figures.label, .units = static_cast<std::int64_t>(links.units)}};
  const std::size_t found = plan.pairs.size();
  if (found == 0) return plan;
  const std::string what = count_of(found, plan.layer.units) + " gave the same as another";
  if (!links.refusal.empty()) {
    plan.layer.said = concat(what, "; left alone: ", links.refusal);
    plan.pairs.clear();
    return plan;
  }
  plan.pairs = confirmed(patient, links, std::move(plan.pairs));
  for (const Pair& pair : plan.pairs)
    plan.layer.done.push_back(static_cast<std::int64_t>(pair.unit));
  plan.layer.said = concat(what, "; ", plan.pairs.size(), " did so on all ",
                           count_text(static_cast<std::int64_t>(patient.samples().size())),
                           " samples and became one with it");
  return plan;
}

std::vector<MendedLayer> apply(Patient& patient) {
  std::vector<Plan> plans;
  for (const Links& links : patient.links()) plans.push_back(plan_for(patient, links));
  KeptUnits kept;
  std::vector<MendedLayer> layers;
  for (Plan& plan : plans) {
    for (const Pair& pair : plan.pairs) add_outgoing(patient.change(), plan.links, pair);
    if (!plan.pairs.empty())
      for (std::size_t unit = 0; unit < plan.links.units; ++unit)
        if (std::ranges::count(plan.pairs, unit, &Pair::unit) == 0)
          kept[plan.links.activation].push_back(unit);
    layers.push_back(std::move(plan.layer));
  }
  if (!kept.empty()) patient.change() = with_units(patient.model(), kept);
  return layers;
}

}  // namespace

std::span<const Mend> merge() {
  static const Mend all[] = {{.name = "merge",
                              .summary = "units that give the same become one, with the sum of "
                                         "their outgoing weights",
                              .order = 2,
                              .usual = true,
                              .apply = apply}};
  return all;
}

}  // namespace rectify::diagnose::ops
