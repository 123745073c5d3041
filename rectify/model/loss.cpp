#include "rectify/model/loss.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/loss.h"

namespace rectify::model {

namespace {

void check_ids(const graph::Graph& graph, const data::Dataset& dataset) {
  const std::int64_t ids = graph::ids_of(graph);
  const auto classes = static_cast<std::int64_t>(dataset.classes());
  if (dataset.ids && ids == 0)
    fail("samples of ", dataset.spec, " are ids; begin the model with embedding ", classes, " 64");
  if (!dataset.ids && ids > 0)
    fail("the model begins with an embedding of ids, but samples of ", dataset.spec,
         " are numbers");
  if (dataset.ids && ids != classes)
    fail("the model has an embedding of ", ids, " ids but ", dataset.spec, " has ", classes,
         " characters; begin it with embedding ", classes,
         ids == 256 ? ", or add vocabulary=bytes to the data" : "");
}

}  // namespace

bool is_for_numbers(const std::string& loss) {
  return loss == "mean_absolute_error" || loss == "huber";
}

std::string resolve_loss(const graph::Graph& graph, const data::Dataset& dataset,
                         const std::string& loss) {
  const graph::Node& input = graph.node(graph.find("input"));
  if (static_cast<std::size_t>(input.type.shape.size()) != dataset.features())
    fail("the model wants ", input.type.shape.size(), " inputs (", input.type.shape.text(),
         ") but a sample of ", dataset.spec, " has ", dataset.features(), " (",
         dataset.sample_shape.text(), ")");
  if (input.type.shape.rank() == 3 && dataset.sample_shape.rank() == 3 &&
      input.type.shape != dataset.sample_shape)
    fail("the model wants images of ", input.type.shape.text(), " but those of ", dataset.spec,
         " are ", dataset.sample_shape.text(), " (height x width x channels); begin it with '",
         dataset.sample_shape.text(), " :'");
  check_ids(graph, dataset);
  const graph::Node& result = graph.node(graph.result);
  const std::int64_t rows = graph::rows_of(result.type.shape).size();
  const std::int64_t outputs = result.type.shape.size() / rows;
  const auto classes = static_cast<std::int64_t>(dataset.classes());
  if (classes == 0) {
    const std::string chosen = loss == "auto" ? "mean_squared_error" : loss;
    if (chosen == "softmax_cross_entropy" && dataset.target_width == 1)
      fail("softmax_cross_entropy is for classes, but ", dataset.spec,
           " has a number to predict; take mean_squared_error, mean_absolute_error or huber");
    if (chosen == "sigmoid_cross_entropy" || chosen == "hinge")
      fail(chosen, " is for classes, but ", dataset.spec, " has ", dataset.target_width,
           dataset.target_width == 1 ? " number" : " numbers",
           " to predict; take mean_squared_error, mean_absolute_error or huber");
    if (rows * outputs != dataset.target_width)
      fail("the model ends in ", rows * outputs, " outputs but a target of ", dataset.spec, " has ",
           dataset.target_width, " numbers; end it with dense ", dataset.target_width);
    return chosen;
  }
  if (is_for_numbers(loss))
    fail(loss, " is for numbers to predict, but ", dataset.spec, " has ", classes,
         " classes; leave --loss out, or add task=regression to data of whole numbers");
  if (rows != dataset.label_width)
    fail("the model answers ", result.type.shape.text(), " but a sample of ", dataset.spec, " has ",
         dataset.label_width, dataset.label_width == 1 ? " label" : " labels",
         dataset.label_width == 1 ? "; put flatten before its last dense" : "");
  const bool one_for_two = outputs == 1 && classes == 2;
  const std::string chosen =
      loss == "auto" ? (one_for_two ? "sigmoid_cross_entropy" : "softmax_cross_entropy") : loss;
  if (outputs != classes && !(one_for_two && chosen != "softmax_cross_entropy"))
    fail("the model ends in ", outputs, " outputs but ", dataset.spec, " has ", classes,
         " classes; end it with dense ", classes);
  return chosen;
}

std::vector<std::string> warnings(const graph::Graph& graph, const std::string& loss) {
  const graph::Node& result = graph.node(graph.result);
  const bool activation = graph::is_activation(result);
  const bool shares = result.op->name == "softmax" || result.op->name == "log_softmax";
  if (loss == "mean_squared_error" || is_for_numbers(loss) || (!activation && !shares)) return {};
  const std::string_view name = activation ? graph::activation_row(result).name : result.op->name;
  if (activation && graph::activation_row(result).rectifier)
    return {concat("the network ends in ", name, ", but ", loss,
                   " works on raw outputs: a rectifier cuts off everything below 0 and its"
                   " gradient with it; remove the last '| ",
                   name, "'")};
  return {concat("the network ends in ", name, ", but ", loss,
                 " applies its own squashing to raw outputs; remove the last '| ", name, "'")};
}

graph::NodeId add_loss(graph::Graph& graph, const std::string& loss, bool class_targets,
                       double label_smoothing, bool weighted) {
  Type target = graph.node(graph.result).type;
  if (class_targets) target = {.shape = graph::rows_of(target.shape), .element = Element::int32};
  std::vector<graph::NodeId> inputs = {graph.result, graph.add_input(target, "target")};
  if (weighted)
    inputs.push_back(graph.add_input({.shape = graph::rows_of(graph.node(graph.result).type.shape)},
                                     "target_weight"));
  graph::Attributes attributes;
  if (label_smoothing > 0) attributes.set("smoothing", label_smoothing);
  return graph.add(loss, inputs, attributes, "loss");
}

}  // namespace rectify::model
