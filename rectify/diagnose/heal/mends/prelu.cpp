// prelu: each relu becomes a prelu of slope 0, which computes the same. Training on moves each
// channel's slope, so that units that never fire learn again.

#include "rectify/base/error.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::diagnose::ops {

namespace {

std::vector<MendedLayer> apply(Patient& patient) {
  std::vector<graph::NodeId> swapped;
  std::vector<MendedLayer> layers;
  const graph::Graph& graph = patient.model().graph;
  for (const graph::NodeId id : graph::activations(graph)) {
    const graph::Node& node = graph.node(id);
    MendedLayer layer{.label = node.label, .units = graph::last_extent(graph, id)};
    const auto& row = graph::activation_row(node);
    if (row.name == "relu" && node.op->name == "activate") {
      swapped.push_back(id);
      for (std::int64_t unit = 0; unit < layer.units; ++unit) layer.done.push_back(unit);
      layer.said = "is a prelu now, with slope 0 for each channel";
    } else {
      layer.said = concat("left alone: it is ", row.name, ", not relu");
    }
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
