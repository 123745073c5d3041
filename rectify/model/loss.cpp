#include "rectify/model/loss.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/loss.h"

namespace rectify::model {

namespace {

void check_input(const graph::Graph& graph, const data::Dataset& dataset) {
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
}

bool is_one_for_two(std::int64_t outputs, const data::Dataset& dataset) {
  return outputs == 1 && dataset.classes() == 2;
}

void check_outputs(const graph::Graph& graph, const data::Dataset& dataset,
                   const std::string& loss) {
  const graph::Node& result = graph.node(graph.result);
  const std::int64_t rows = graph::rows_of(result.type.shape).size();
  const std::int64_t outputs = result.type.shape.size() / rows;
  const auto classes = static_cast<std::int64_t>(dataset.classes());
  if (classes == 0) {
    if (rows * outputs != dataset.target_width)
      fail("the model ends in ", rows * outputs, " outputs but a target of ", dataset.spec, " has ",
           dataset.target_width, " numbers; end it with dense ", dataset.target_width);
    return;
  }
  if (rows != dataset.label_width)
    fail("the model answers ", result.type.shape.text(), " but a sample of ", dataset.spec, " has ",
         dataset.label_width, dataset.label_width == 1 ? " label" : " labels",
         dataset.label_width == 1 ? "; put flatten before its last dense" : "");
  if (outputs != classes && !(is_one_for_two(outputs, dataset) && loss != "softmax_cross_entropy"))
    fail("the model ends in ", outputs, " outputs but ", dataset.spec, " has ", classes,
         " classes; end it with dense ", classes);
}

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

void check_sizes(const graph::Graph& graph, const data::Dataset& dataset, const std::string& loss) {
  check_input(graph, dataset);
  check_outputs(graph, dataset, loss);
}

std::string resolve_loss(const graph::Graph& graph, const data::Dataset& dataset,
                         const std::string& loss) {
  check_input(graph, dataset);
  check_ids(graph, dataset);
  const Shape& answer = graph.node(graph.result).type.shape;
  const std::int64_t outputs = answer.size() / graph::rows_of(answer).size();
  const std::size_t classes = dataset.classes();
  std::string chosen = loss;
  if (loss == "auto" && classes == 0) chosen = "mean_squared_error";
  if (loss == "auto" && classes > 0)
    chosen = is_one_for_two(outputs, dataset) ? "sigmoid_cross_entropy" : "softmax_cross_entropy";
  if (classes == 0 && chosen == "softmax_cross_entropy" && dataset.target_width == 1)
    fail("softmax_cross_entropy is for classes, but ", dataset.spec,
         " has a number to predict; take mean_squared_error, mean_absolute_error or huber");
  if (classes == 0 && (chosen == "sigmoid_cross_entropy" || chosen == "hinge"))
    fail(chosen, " is for classes, but ", dataset.spec, " has ", dataset.target_width,
         dataset.target_width == 1 ? " number" : " numbers",
         " to predict; take mean_squared_error, mean_absolute_error or huber");
  if (classes > 0 && is_for_numbers(chosen))
    fail(chosen, " is for numbers to predict, but ", dataset.spec, " has ", classes,
         " classes; leave --loss out, or add task=regression to data of whole numbers");
  check_outputs(graph, dataset, chosen);
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
