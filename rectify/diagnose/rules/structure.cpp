// What a network's text alone tells: its output against its loss, layers without an activation
// between them, batch norm against the batch, dropout.

#include <algorithm>
#include <cmath>
#include <set>

#include "rectify/diagnose/rules/kit.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"

namespace rectify::diagnose::check {

using graph::NodeId;

namespace {

/// The item that ends the network, by the name that people type; empty for a layer.
std::string last_squash(const graph::Graph& network) {
  const graph::Node& result = network.node(network.result);
  if (graph::is_activation(result)) return std::string(graph::activation_row(result).name);
  const std::string_view op = result.op->name;
  return op == "softmax" || op == "log_softmax" ? std::string(op) : std::string();
}

void advise_raw_outputs(const Facts& facts, Finding& finding, const std::string& squash) {
  const std::string text = without_last_item(*facts.network);
  finding.advice = concat("remove the last '| ", squash, "' from the model",
                          is_of_logits(facts.loss) ? "; the loss does its own squashing" : "");
  if (!text.empty()) finding.changes.push_back({"--model", text});
}

}  // namespace

Found single_softmax(const Facts& facts, const Rule& rule) {
  if (!facts.network) return {};
  const graph::Graph& network = *facts.network;
  const std::string squash = last_squash(network);
  if (!squash.ends_with("softmax") || graph::last_extent(network, network.result) != 1) return {};
  Finding finding = found(rule, Severity::fault, network.node(network.result).label);
  finding.evidence.push_back(concat("the network ends in ", squash, " over one output, which is ",
                                    squash == "softmax" ? "1" : "0",
                                    " whatever enters; its gradient is 0"));
  advise_raw_outputs(facts, finding, squash);
  if (!facts.inputs.class_counts.empty() && !is_of_logits(facts.loss)) {
    finding.advice += ", and train it by --loss sigmoid_cross_entropy";
    finding.changes.push_back({"--loss", "sigmoid_cross_entropy"});
  }
  return finding;
}

Found output_activation(const Facts& facts, const Rule& rule) {
  if (!facts.network) return {};
  const graph::Node& result = facts.network->node(facts.network->result);
  const std::string squash = last_squash(*facts.network);
  if (squash.empty() || squash == "identity") return {};
  Finding finding = found(rule, Severity::fault, result.label);
  if (is_of_logits(facts.loss)) {
    const bool rectifier = graph::is_activation(result) && graph::activation_row(result).rectifier;
    finding.evidence.push_back(
        concat("the network ends in ", squash, ", but ", facts.loss, " wants raw outputs: ",
               rectifier ? "the rectifier cuts off all scores below 0 and their gradient"
                         : "they are squashed twice, so that no answer can be sure and gradients "
                           "are small"));
    advise_raw_outputs(facts, finding, squash);
    return finding;
  }
  if (squash != "softmax" || !facts.inputs.targets_are_flags || facts.inputs.exclusive) return {};
  finding.evidence.push_back(concat("softmax shares 1 among the outputs, but a target has ",
                                    brief(facts.inputs.flags_a_sample),
                                    " ones on average: several labels hold, or none"));
  advise_raw_outputs(facts, finding, squash);
  return finding;
}

Found output_range(const Facts& facts, const Rule& rule) {
  if (!facts.network || facts.inputs.target_width == 0 || is_of_logits(facts.loss)) return {};
  const graph::Node& result = facts.network->node(facts.network->result);
  if (!graph::is_activation(result)) return {};
  const activation::Row& row = graph::activation_row(result);
  const auto properties = activation::properties(row, graph::activation_parameters(result));
  const double slack = rule.threshold * facts.inputs.target_deviation;
  const bool below = facts.inputs.target_low < properties.low - slack;
  const bool above = facts.inputs.target_high > properties.high + slack;
  if (!below && !above) return {};
  Finding finding = found(rule, Severity::fault, result.label);
  finding.evidence.push_back(
      concat("the network ends in ", row.name, ", which gives ", brief(properties.low), " to ",
             brief(properties.high), "; the targets, as the loss sees them, go from ",
             brief(facts.inputs.target_low), " to ", brief(facts.inputs.target_high)));
  advise_raw_outputs(facts, finding, std::string(row.name));
  return finding;
}

namespace {

/// Operators that do not bend what passes: what they do to a sum is the sum of what they do.
bool is_linear(const graph::Node& node) {
  static const std::set<std::string_view> names = {"input",
                                                   "parameter",
                                                   "state",
                                                   "dense",
                                                   "conv",
                                                   "conv_transpose",
                                                   "flatten",
                                                   "reshape",
                                                   "add",
                                                   "concat",
                                                   "transpose",
                                                   "avg_pool",
                                                   "pad",
                                                   "dropout",
                                                   "constant",
                                                   "batch_norm",
                                                   "batch_norm_statistics",
                                                   "global_avg_pool"};
  return names.contains(node.op->name) ||
         (graph::is_activation(node) && graph::activation_row(node).name == "identity");
}

/// Puts relu for identity, and behind each layer but the last that has none.
std::string with_rectifiers(const graph::Graph& network) {
  int layers = 0, seen = 0;
  const auto is_layer = [](const std::string& item) {
    return item.starts_with("dense ") || item.starts_with("conv ");
  };
  with_items(network, [&](const std::string& item) { return layers += is_layer(item), item; });
  const bool named = graph::model_text(network).find("identity") != std::string::npos;
  return with_items(network, [&](const std::string& item) {
    if (named) return item == "identity" ? std::string("relu") : item;
    seen += is_layer(item);
    return is_layer(item) && seen < layers ? item + " | relu" : item;
  });
}

}  // namespace

Found no_nonlinearity(const Facts& facts, const Rule& rule) {
  if (!facts.network) return {};
  const graph::Graph& network = *facts.network;
  double layers = 0;
  for (NodeId id = 0; id <= network.result; ++id) {
    const graph::Node& node = network.node(id);
    layers += node.op->layer;
    if (!is_linear(node) && id != network.result) return {};
  }
  if (layers < rule.threshold) return {};
  Finding finding = found(rule, Severity::fault);
  finding.evidence.push_back(concat(layers,
                                    " layers and nothing between them that bends: together "
                                    "they are one linear layer"));
  finding.advice = "put a rectifier behind each hidden layer";
  const std::string text = with_rectifiers(network);
  if (!text.empty()) finding.changes.push_back({"--model", text});
  return finding;
}

Found small_batch_norm(const Facts& facts, const Rule& rule) {
  if (!facts.network || !facts.options_are_known) return {};
  const auto norms = facts.network->all("batch_norm_statistics");
  const double batch = facts.options.batch;
  if (norms.empty() || batch > rule.threshold) return {};
  Finding finding = found(rule, batch <= 2 ? Severity::fault : Severity::warning,
                          facts.network->node(norms[0]).label);
  finding.evidence.push_back(concat("batch norm takes mean and variance from batches of ", batch,
                                    batch == 1 ? " sample" : " samples",
                                    ": what training sees is not what inference sees"));
  finding.advice = "take --batch 32 or more, or layer_norm in place of batch_norm";
  finding.changes.push_back({"--batch", "32"});
  return finding;
}

Found dropout_too_high(const Facts& facts, const Rule& rule) {
  if (!facts.network) return {};
  std::string where;
  double most = 0;
  for (const char* op : {"dropout", "alpha_dropout"})
    for (const NodeId id : facts.network->all(op)) {
      const graph::Node& node = facts.network->node(id);
      const double rate = node.attributes.has("rate") ? node.attributes.number("rate") : 0;
      if (rate > most) where = node.label;
      most = std::max(most, rate);
    }
  if (most < rule.threshold) return {};
  Finding finding = found(rule, facts.failed() ? Severity::fault : Severity::warning, where);
  finding.evidence.push_back(
      concat(where, " drops ", percent(most), " of what passes in training"));
  finding.advice = "drop a fifth to a half";
  const std::string text = with_items(*facts.network, [&](const std::string& item) {
    const auto words = split(item, ' ');
    const bool high = words[0].ends_with("dropout") && words.size() > 1 &&
                      parse_number(words[1]).value_or(0) >= rule.threshold;
    return high ? words[0] + " 0.3" : item;
  });
  if (!text.empty()) finding.changes.push_back({"--model", text});
  return finding;
}

}  // namespace rectify::diagnose::check
