// rescale: the pre-activation of each unit gets variance 1 on the samples. What comes in is divided
// by its deviation s, what goes out is multiplied by s; an activation with f(c x) = c f(x) for c >
// 0 lets the factor through. Like the layer-sequential initialisation of Mishkin & Matas 2016, but
// without changing what the network computes.

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/diagnose/heal/units.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::diagnose::ops {

namespace {

/// Whether f(c x) = c f(x) for c > 0, whatever a learned number is.
bool is_homogeneous(const graph::Node& node) {
  const activation::Row& row = graph::activation_row(node);
  const auto scales = [](auto&& f) {
    for (const double x : {-7.0, -1.0, -0.01, 0.0, 1e-6, 0.01, 0.5, 3.0, 10.0})
      if (f(8 * x) != 8 * f(x)) return false;
    return true;
  };
  if (node.op->name == "activate_random") return false;
  if (node.op->name == "activate_learned")
    return scales([&](double x) { return row.value_at(x, 0.375); });
  const activation::Parameters p = graph::activation_parameters(node);
  return scales([&](double x) { return row.value(x, p); });
}

std::string refusal_of(const graph::Graph& graph, const Links& links) {
  if (!links.refusal.empty()) return links.refusal;
  const graph::Node& node = graph.node(links.activation);
  if (!is_homogeneous(node))
    return concat("a factor does not pass through ", graph::activation_row(node).name);
  if (scaled_numbers(graph, links).empty())
    return concat("'", graph.node(links.norm).label, "' has no scale and shift");
  return {};
}

void rescale_unit(model::Model& model, const Links& links, std::size_t unit, double deviation) {
  scale_unit(model, scaled_numbers(model.graph, links), links.units, unit, 1 / deviation);
  for (const graph::NodeId reader : links.readers) {
    const ReaderRows rows = reader_rows(model, reader);
    each_in_row(rows, links.units, unit, [&](std::size_t at) {
      rows.numbers[at] = static_cast<float>(rows.numbers[at] * deviation);
    });
  }
}

/// A factor that leaves the pre-activations of later layers as they are, so that all figures hold.
MendedLayer rescale_layer(const LayerFigures& figures, const Links& links, model::Model& model) {
  MendedLayer layer{.label = figures.label, .units = static_cast<std::int64_t>(links.units)};
  if (const std::string refusal = refusal_of(model.graph, links); !refusal.empty()) {
    layer.said = "left alone: " + refusal;
    return layer;
  }
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (std::size_t unit = 0; unit < links.units; ++unit) {
    const double deviation = std::sqrt(figures.units[unit].variance);
    if (!(deviation > 0) || !std::isfinite(deviation)) continue;
    rescale_unit(model, links, unit, deviation);
    layer.done.push_back(static_cast<std::int64_t>(unit));
    least = std::min(least, deviation), most = std::max(most, deviation);
  }
  layer.said = layer.done.empty()
                   ? "no unit varies"
                   : concat(count_of(layer.done.size(), layer.units), " with deviations of ",
                            short_text(least), " to ", short_text(most), " have 1 now");
  return layer;
}

std::vector<MendedLayer> apply(Patient& patient) {
  std::vector<LayerFigures> figures;
  const std::vector<Links> all = patient.links();
  for (const Links& links : all) figures.push_back(patient.figures(links.activation));
  std::vector<MendedLayer> layers;
  for (std::size_t i = 0; i < all.size(); ++i)
    layers.push_back(rescale_layer(figures[i], all[i], patient.change()));
  return layers;
}

}  // namespace

std::span<const Mend> rescale() {
  static const Mend all[] = {{.name = "rescale",
                              .summary = "each unit's pre-activation gets variance 1 on the data",
                              .order = 5,
                              .usual = false,
                              .apply = apply}};
  return all;
}

}  // namespace rectify::diagnose::ops
