#include "rectify/diagnose/heal/links.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::diagnose {

using graph::Graph;
using graph::Node;
using graph::NodeId;

namespace {

/// Whether a node leaves each channel to itself, whose zeros stay zeros and whose factors stay
/// factors.
bool keeps_channels(const Node& node) {
  static constexpr std::string_view names[] = {"max_pool", "avg_pool", "global_avg_pool",
                                               "dropout"};
  return std::ranges::count(names, node.op->name) > 0;
}

bool mixes_all_channels(const Node& node) {
  return node.op->name == "dense" ||
         (node.op->name == "conv" && node.attributes.integer("groups") == 1);
}

/// The users of a value but for the statistics of a batch_norm, which belong to that.
std::vector<NodeId> readers_of(const Graph& graph, NodeId id) {
  std::vector<NodeId> users = graph.users(id);
  std::erase_if(users,
                [&](NodeId user) { return graph.node(user).op->name == "batch_norm_statistics"; });
  return users;
}

bool has_one_user(const Graph& graph, NodeId id) { return graph.users(id).size() == 1; }

/// Finds one layer's links; `refusal` says where it got stuck.
class LinkFinder {
 public:
  LinkFinder(const Graph& graph, NodeId activation) : graph_(graph) {
    links_.activation = activation;
    const Node& node = graph.node(activation);
    links_.units = static_cast<std::size_t>(graph::last_extent(graph, activation));
    find_layer(node.inputs[0]);
    if (refused()) return;
    take_incoming(node);
    find_readers(activation);
  }

  Links take() { return std::move(links_); }

 private:
  bool refused() const { return !links_.refusal.empty(); }

  template <class... Parts>
  void refuse(const Parts&... parts) {
    if (!refused()) links_.refusal = concat(parts...);
  }

  /// Walks from the activation back to its layer.
  void find_layer(NodeId id) {
    while (true) {
      const Node& node = graph_.node(id);
      if (id == graph_.result || readers_of(graph_, id).size() > 1)
        return refuse(graph::where(node), " before it is read elsewhere too");
      if (mixes_all_channels(node)) break;
      const bool norm = node.op->name == "batch_norm" && links_.norm < 0;
      if (!norm && !keeps_channels(node))
        return refuse(graph::where(node), " before it is no dense or conv layer");
      if (norm) links_.norm = id;
      id = node.inputs[0];
    }
    links_.layer = id;
  }

  void take(NodeId id) {
    if (!has_one_user(graph_, id))
      refuse("'", graph_.node(id).label, "' belongs to several layers");
    links_.incoming.push_back(id);
  }

  void take_incoming(const Node& activation) {
    const Node& layer = graph_.node(links_.layer);
    for (std::size_t i = 1; i < layer.inputs.size(); ++i) take(layer.inputs[i]);
    if (links_.norm >= 0) {
      const NormNumbers norm = norm_numbers(graph_, links_.norm);
      for (const NodeId id : {norm.mean, norm.variance, norm.scale, norm.shift})
        if (id >= 0) take(id);
    }
    if (activation.inputs.size() > 1) take(graph::learned_number(activation));
  }

  void find_readers(NodeId id) {
    if (id == graph_.result) return refuse("it is the network's answer");
    for (const NodeId user : readers_of(graph_, id)) {
      const Node& node = graph_.node(user);
      if (mixes_all_channels(node) && node.inputs[0] == id)
        take_reader(node.inputs[1]);
      else if (keeps_channels(node) || node.op->name == "flatten")
        find_readers(user);
      else
        refuse(graph::where(node), " reads it, not a dense or conv layer");
    }
  }

  void take_reader(NodeId weight) {
    if (!has_one_user(graph_, weight))
      refuse("'", graph_.node(weight).label, "' belongs to several layers");
    links_.readers.push_back(weight);
  }

  const Graph& graph_;
  Links links_;
};

}  // namespace

std::vector<Links> links_of(const Graph& graph) {
  std::vector<Links> all;
  for (const NodeId id : graph::activations(graph)) all.push_back(LinkFinder(graph, id).take());
  return all;
}

NodeId bias_of(const Graph& graph, const Links& links) {
  const Node& layer = graph.node(links.layer);
  return layer.inputs.size() > 2 ? layer.inputs[2] : -1;
}

NormNumbers norm_numbers(const Graph& graph, NodeId norm) {
  const Node& node = graph.node(norm);
  const Node& statistics = graph.input(node, 1);
  NormNumbers numbers{.mean = statistics.inputs[1], .variance = statistics.inputs[2]};
  if (node.inputs.size() > 2) numbers.scale = node.inputs[2], numbers.shift = node.inputs[3];
  return numbers;
}

}  // namespace rectify::diagnose
