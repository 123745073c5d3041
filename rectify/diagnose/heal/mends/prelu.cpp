// prelu: each relu becomes a prelu of slope 0, which computes the same. Training on moves each
// channel's slope, so that units that never fire learn again. A slope's gradient is as large as the
// pre-activation, which may be -1000 in a unit that never fires: its incoming weights are divided,
// so that it is as large as the layer's others, and still negative.

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/diagnose/heal/units.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::diagnose::ops {

namespace {

/// Brings the pre-activations of silent units to the size of the others, and returns how many that
/// were.
std::size_t calm_silent_units(Patient& patient, const Links& links, const LayerFigures& figures) {
  if (!links.refusal.empty()) return 0;
  const std::vector<std::size_t> silent = silent_units(figures);
  const auto scaled = scaled_numbers(patient.model().graph, links);
  if (silent.empty() || scaled.empty()) return 0;
  const double usual = usual_deviation(figures);
  for (const std::size_t unit : silent) {
    const UnitFigures& of = figures.units[unit];
    const double size = std::sqrt(of.variance + of.mean * of.mean);
    if (size > usual) scale_unit(patient.change(), scaled, links.units, unit, usual / size);
  }
  return silent.size();
}

std::vector<MendedLayer> apply(Patient& patient) {
  const std::vector<Links> all = patient.links();
  std::vector<LayerFigures> figures;
  for (const Links& links : all) figures.push_back(patient.figures(links.activation));
  std::vector<graph::NodeId> swapped;
  std::vector<MendedLayer> layers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const graph::Node& node = patient.model().graph.node(all[i].activation);
    MendedLayer layer{.label = node.label, .units = static_cast<std::int64_t>(all[i].units)};
    const activation::Row& row = graph::activation_row(node);
    if (row.name != "relu" || node.op->name != "activate") {
      layer.said = concat("left alone: it is ", row.name, ", not relu");
      layers.push_back(std::move(layer));
      continue;
    }
    swapped.push_back(all[i].activation);
    for (std::int64_t unit = 0; unit < layer.units; ++unit) layer.done.push_back(unit);
    layer.said = "is a prelu now, with slope 0 for each channel";
    if (const std::size_t silent = calm_silent_units(patient, all[i], figures[i]); silent > 0)
      layer.said += concat("; ", count_of(silent, layer.units),
                           " never fired: their pre-activations are no larger than the others'");
    layers.push_back(std::move(layer));
  }
  if (!swapped.empty()) patient.change() = with_prelu(patient.model(), swapped);
  return layers;
}

}  // namespace

std::span<const Mend> prelu() {
  static const Mend all[] = {{.name = "prelu",
                              .summary = "each relu becomes a prelu of slope 0, which training "
                                         "opens",
                              .order = 6,
                              .usual = false,
                              .apply = apply}};
  return all;
}

}  // namespace rectify::diagnose::ops
