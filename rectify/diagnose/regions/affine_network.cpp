#include "rectify/diagnose/regions/affine_network.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::diagnose {

using graph::NodeId;

namespace {

const PieceRule* find_piece_rule(std::string_view op) {
  const auto all = piece_rules();
  const auto found = std::ranges::find(all, op, &PieceRule::op);
  return found == all.end() ? nullptr : *found;
}

/// "identity, relu, leaky_relu, ...": the rows that consist of lines.
std::string piecewise_linear_rows() {
  std::string text;
  for (const activation::Row& row : activation::family())
    if (pieces_of_row(row, row.defaults()))
      text += (text.empty() ? "" : ", ") + std::string(row.name);
  return text;
}

/// The functions of an activation: one for all channels, or one for each where they are learned.
std::vector<PiecewiseLinear> activation_pieces(const graph::Node& node,
                                               std::span<const double> learned) {
  const activation::Row& row = graph::activation_row(node);
  activation::Parameters p = graph::activation_parameters(node);
  std::vector<PiecewiseLinear> all;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, learned.size()); ++i) {
    if (!learned.empty()) p[0] = learned[i];
    auto pieces = pieces_of_row(row, p);
    if (!pieces)
      fail("activation '", node.label, "' (", row.name,
           ") is not piecewise linear, so the network "
           "has no linear regions; rows that are: ",
           piecewise_linear_rows());
    all.push_back(std::move(*pieces));
  }
  return all;
}

[[noreturn]] void fail_without_rule(const graph::Node& node) {
  std::string known;
  for (const PieceRule* rule : piece_rules())
    known += (known.empty() ? "" : ", ") + std::string(rule->op);
  fail(graph::where(node),
       " is not piecewise linear, or not known to be, so linear regions cannot "
       "be counted; operators that can: ",
       known);
}

std::vector<double> in_double(const model::Model& model, NodeId id) {
  const run::ParameterSlot& slot = model.layout.slot_of(id);
  const float* from = model.parameters.data() + slot.offset;
  return {from, from + slot.size};
}

/// Whether the result needs each node. Values that are the same for every sample do not need the
/// network's input, which a constant names for its place alone.
std::vector<bool> needed_by_result(const graph::Graph& graph) {
  std::vector<bool> needed(static_cast<std::size_t>(graph.size()));
  needed[static_cast<std::size_t>(graph.result)] = true;
  for (NodeId id = graph.result; id >= 0; --id) {
    const graph::Node& node = graph.node(id);
    if (!needed[static_cast<std::size_t>(id)]) continue;
    for (const NodeId input : node.inputs)
      if (node.type.per_sample || !graph.node(input).type.per_sample)
        needed[static_cast<std::size_t>(input)] = true;
  }
  return needed;
}

}  // namespace

AffineNetwork::AffineNetwork(const model::Model& model)
    : graph_(model.graph), input_(model.graph.find("input")) {
  const auto size = static_cast<std::size_t>(graph_.size());
  steps_.resize(size);
  fixed_.resize(size);
  inputs_ = static_cast<std::size_t>(graph_.node(input_).type.shape.size());
  std::vector<bool> needed = needed_by_result(graph_);
  for (NodeId id = 0; id < graph_.size(); ++id) prepare(model, id, needed);
  std::size_t live = 0;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    live += steps_[static_cast<std::size_t>(id)].width;
    at_once_ = std::max(at_once_, live);
    for (NodeId past = 0; past <= id; ++past)
      if (steps_[static_cast<std::size_t>(past)].last_user == id)
        live -= steps_[static_cast<std::size_t>(past)].width;
  }
}

void AffineNetwork::prepare(const model::Model& model, NodeId id, std::vector<bool>& needed) {
  const graph::Node& node = graph_.node(id);
  const auto at = static_cast<std::size_t>(id);
  if (!needed[at]) return;
  if (!node.type.per_sample) return compute_fixed(model, id);
  Step& step = steps_[at];
  step.width = static_cast<std::size_t>(node.type.shape.size());
  step.last_user = id == graph_.result ? graph_.size() : id;
  for (const NodeId input : node.inputs) {
    NodeId& last = steps_[static_cast<std::size_t>(input)].last_user;
    last = std::max(last, id);
  }
  if (id == input_) return;
  if (node.op->given) fail(graph::where(node), " is a second input; regions takes networks of one");
  step.rule = find_piece_rule(node.op->name);
  if (!step.rule) fail_without_rule(node);
  if (graph::is_activation(node)) {
    const bool learned = node.op->name == "activate_learned";
    step.functions = activation_pieces(
        node, learned ? std::span<const double>(
                            fixed_[static_cast<std::size_t>(graph::learned_number(node))])
                      : std::span<const double>());
  }
  if (!step.rule->choose) return;
  step.chooser = choosers_.size();
  choosers_.push_back(node.label);
}

void AffineNetwork::compute_fixed(const model::Model& model, NodeId id) {
  const graph::Node& node = graph_.node(id);
  std::vector<double>& values = fixed_[static_cast<std::size_t>(id)];
  if (node.op->given) {
    values = in_double(model, id);
    return;
  }
  const PieceRule* rule = find_piece_rule(node.op->name);
  if (!rule || !rule->linear) fail_without_rule(node);
  values.assign(static_cast<std::size_t>(node.type.shape.size()), 0.0);
  const Cell nowhere{{{}}};
  PieceContext context{graph_, node, nowhere, {}, {}};
  for (const NodeId input : node.inputs) {
    const std::vector<double>& from = fixed_[static_cast<std::size_t>(input)];
    context.in.push_back({from, from.size()});
  }
  rule->linear(context, {values, values.size()});
}

std::size_t AffineNetwork::outputs() const {
  return steps_[static_cast<std::size_t>(graph_.result)].width;
}

}  // namespace rectify::diagnose
