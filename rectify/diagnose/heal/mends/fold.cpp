// fold: each batch_norm goes into the layer before it. The network is as it computes in inference;
// trained on, it is another one.

#include "rectify/base/error.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"

namespace rectify::diagnose::ops {

namespace {

std::vector<MendedLayer> apply(Patient& patient) {
  const graph::Graph before = patient.model().graph;
  patient.change() = model::folded(copy_of(patient.model()));
  std::vector<MendedLayer> layers;
  for (const graph::NodeId id : before.all("batch_norm")) {
    const graph::Node& node = before.node(id);
    MendedLayer layer{.label = node.label, .units = node.type.shape.back()};
    const std::string& from = before.input(node, 0).label;
    if (patient.model().graph.find(node.label) >= 0) {
      layer.said = concat("left alone: it does not follow a layer that it could go into");
    } else {
      for (std::int64_t unit = 0; unit < layer.units; ++unit) layer.done.push_back(unit);
      layer.said = concat("is part of ", from, " now");
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

std::span<const Mend> fold() {
  static const Mend all[] = {{.name = "fold",
                              .summary = "each batch norm goes into the layer before it",
                              .order = 1,
                              .usual = false,
                              .apply = apply}};
  return all;
}

}  // namespace rectify::diagnose::ops
