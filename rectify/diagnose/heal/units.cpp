#include "rectify/diagnose/heal/units.h"

#include <algorithm>
#include <cmath>

#include "rectify/diagnose/heal/surgery.h"

namespace rectify::diagnose {

std::vector<std::size_t> silent_units(const LayerFigures& figures) {
  constexpr double all = 1 - 1e-9;  // a share is rounded
  std::vector<std::size_t> units;
  for (std::size_t unit = 0; unit < figures.units.size(); ++unit)
    if (figures.units[unit].verdict == Verdict::dead && figures.units[unit].zeros >= all)
      units.push_back(unit);
  return units;
}

double usual_deviation(const LayerFigures& figures) {
  std::vector<double> deviations;
  for (const UnitFigures& unit : figures.units)
    if (unit.verdict != Verdict::dead && unit.variance > 0)
      deviations.push_back(std::sqrt(unit.variance));
  if (deviations.empty()) return 1;
  const auto middle = deviations.begin() + static_cast<std::ptrdiff_t>(deviations.size() / 2);
  std::ranges::nth_element(deviations, middle);
  return *middle;
}

std::vector<graph::NodeId> scaled_numbers(const graph::Graph& graph, const Links& links) {
  if (links.norm >= 0) {
    const NormNumbers norm = norm_numbers(graph, links.norm);
    return norm.scale < 0 ? std::vector<graph::NodeId>()
                          : std::vector<graph::NodeId>{norm.scale, norm.shift};
  }
  const graph::Node& layer = graph.node(links.layer);
  return {layer.inputs.begin() + 1, layer.inputs.end()};
}

void scale_unit(model::Model& model, const std::vector<graph::NodeId>& scaled, std::size_t units,
                std::size_t unit, double factor) {
  for (const graph::NodeId id : scaled)
    each_in_column(numbers_of(model, id), units, unit,
                   [&](float& number) { number = static_cast<float>(number * factor); });
}

}  // namespace rectify::diagnose
