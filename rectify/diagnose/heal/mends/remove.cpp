// remove: units that are proven never to fire within the bounds of the inputs go. They added exact
// zeros to every sum.

#include "rectify/base/error.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"

namespace rectify::diagnose::ops {

namespace {

MendedLayer remove_from(Patient& patient, const Links& links, KeptUnits& kept) {
  MendedLayer layer{.label = patient.model().graph.node(links.activation).label,
                    .units = static_cast<std::int64_t>(links.units)};
  const std::vector<bool> zero = patient.proven_zero(links);
  std::vector<std::size_t> rest;
  for (std::size_t unit = 0; unit < links.units; ++unit) {
    const bool last = rest.empty() && unit + 1 == links.units;  // a layer has one unit at least
    if (!zero[unit] || last)
      rest.push_back(unit);
    else
      layer.done.push_back(static_cast<std::int64_t>(unit));
  }
  if (layer.done.empty()) return layer;
  const std::string what =
      count_of(layer.done.size(), layer.units) + " proven never to fire within the bounds";
  if (!links.refusal.empty()) {
    layer.done.clear();
    layer.said = concat(what, "; left alone: ", links.refusal);
    return layer;
  }
  layer.said = what + ", removed";
  kept[links.activation] = std::move(rest);
  return layer;
}

std::vector<MendedLayer> apply(Patient& patient) {
  KeptUnits kept;
  std::vector<MendedLayer> layers;
  for (const Links& links : patient.links()) layers.push_back(remove_from(patient, links, kept));
  if (!kept.empty()) patient.change() = with_units(patient.model(), kept);
  return layers;
}

}  // namespace

std::span<const Mend> remove() {
  static const Mend all[] = {{.name = "remove",
                              .summary = "units that are proven never to fire within the bounds go",
                              .order = 3,
                              .usual = false,
                              .apply = apply}};
  return all;
}

}  // namespace rectify::diagnose::ops
