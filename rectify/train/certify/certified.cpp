#include "rectify/train/certify/certified.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/interval.h"

namespace rectify::train {

graph::NodeId add_worst_margins(graph::Graph& graph) {
  const graph::Node last = graph.node(graph.result);
  if (last.op->name != "dense" || last.type.shape.rank() != 1)
    fail("--certify wants a network that ends in one dense layer, but it ends in ", where(last),
         "; end it with '| dense CLASSES'");
  const graph::NodeId input = graph.find("input");
  const Type samples = graph.node(input).type;
  const graph::NodeId centre = graph.add_input(samples, box_centre);
  const graph::NodeId radius = graph.add_input(samples, box_radius);
  const pass::IntervalNodes hidden = pass::bound(graph, input, {centre, radius}, last.inputs[0]);
  std::vector<graph::NodeId> inputs = {hidden.centre, hidden.radius, last.inputs[1],
                                       graph.find("target")};
  if (last.inputs.size() > 2) inputs.push_back(last.inputs[2]);
  return graph.add("worst_margins", inputs, {}, "worst_margins");
}

double certify_warmup_of(const Options& options) {
  return options.certify_warmup >= 0 ? options.certify_warmup : options.epochs / 20.0;
}

double certify_ramp_of(const Options& options) {
  return options.certify_ramp >= 0 ? options.certify_ramp : options.epochs / 2.0;
}

Strength strength_at(const Options& options, double done) {
  const double warmup = certify_warmup_of(options), ramp = certify_ramp_of(options);
  const double share = done < warmup ? 0 : done >= warmup + ramp ? 1 : (done - warmup) / ramp;
  return {.eps = share * options.certify * options.certify_stretch,
          .weight = share * options.certify_weight};
}

void check_certify(const Options& options, const std::string& loss) {
  if (options.certify == 0) return;
  if (loss != "softmax_cross_entropy")
    fail("--certify is for classes with the loss softmax_cross_entropy, not for ", loss);
  if (options.mixup > 0)
    fail("--certify and --mixup do not go together: a mixed sample has two classes");
}

}  // namespace rectify::train
