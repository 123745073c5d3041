#include "rectify/model/model.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/graph/loss.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/pass/fold.h"

namespace rectify::model {

void check_ends_of(const graph::Graph& graph) {
  if (graph.size() == 0)
    fail("the graph of a model is empty: nothing was added to it, or the model was moved from");
  if (graph.result < 0 || graph.result >= graph.size())
    fail("the graph of a model has no result; set Graph::result to the node of its answer");
  const graph::NodeId input = graph.find("input");
  if (input < 0 || graph.node(input).op->name != "input")
    fail("the graph of a model has no input called 'input'; give this label to Graph::add_input()");
}

Model::Model(graph::Graph g)
    : graph((check_ends_of(g), std::move(g))), layout(graph), parameters(layout.floats()) {}

Model::Model(const std::string& text) : Model(graph::parse_model(text)) {}

std::int64_t outputs_in_row(const Model& model) {
  const Shape& answer = model.graph.node(model.graph.result).type.shape;
  return answer.size() / graph::rows_of(answer).size();
}

bool fits_classes(const Model& model, std::size_t classes) {
  const std::int64_t outputs = outputs_in_row(model);
  return static_cast<std::int64_t>(classes) == (outputs == 1 ? 2 : outputs);
}

void check_classes(const Model& model, const std::string& name) {
  if (model.class_names.empty() || fits_classes(model, model.class_names.size())) return;
  fail("'", name, "' has ", outputs_in_row(model), " outputs but its metadata 'classes' names ",
       model.class_names.size(), "; name one for each output, two for a single one");
}

const Shape& sample_shape(const Model& model) {
  return model.picture.rank() == 3 ? model.picture
                                   : model.graph.node(model.graph.find("input")).type.shape;
}

void set_picture(Model& model, const std::string& shape, const std::string& name) {
  const Shape picture = [&] {
    try {
      return parse_shape(shape);
    } catch (const Error& error) {
      fail("'", name, "': its metadata 'picture': ", error.what());
    }
  }();
  if (picture.rank() != 3 || picture.size() != sample_shape(model).size())
    fail("'", name, "': its metadata 'picture', ", picture.text(), ", is no picture of ",
         sample_shape(model).size(), " numbers");
  model.picture = picture;
}

void copy_purpose(const Model& from, Model& to) {
  to.normalisation = from.normalisation;
  to.class_names = from.class_names;
  to.columns = from.columns;
  to.table = from.table;
  to.picture = from.picture;
  to.loss = from.loss;
  to.guessed = from.guessed;
}

data::Known known_of(const Model& model) {
  using enum data::Task;
  data::Known known{.task = model.class_names.empty() ? regression : classification};
  if (model.guessed) known.task = automatic;
  if (!model.table.empty()) known.table = &model.table;
  return known;
}

Model folded(Model model) {
  if (model.graph.all("batch_norm").empty()) return model;
  pass::Numbers numbers;
  for (const run::ParameterSlot& slot : model.layout.slots()) {
    const float* first = model.parameters.data() + slot.offset;
    numbers[slot.node] = {first, first + slot.size};
  }
  pass::Folded now = pass::fold_batch_norm(model.graph, numbers);
  Model result(std::move(now.graph));
  for (const run::ParameterSlot& slot : result.layout.slots())
    std::ranges::copy(now.numbers.at(slot.node), result.parameters.data() + slot.offset);
  copy_purpose(model, result);
  return result;
}

}  // namespace rectify::model
