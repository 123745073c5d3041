#include "rectify/model/model.h"

#include <algorithm>

#include "rectify/graph/text.h"
#include "rectify/pass/fold.h"

namespace rectify::model {

Model::Model(graph::Graph g) : graph(std::move(g)), layout(graph), parameters(layout.floats()) {}

Model::Model(const std::string& text) : Model(graph::parse_model(text)) {}

void copy_purpose(const Model& from, Model& to) {
  to.normalisation = from.normalisation;
  to.class_names = from.class_names;
  to.columns = from.columns;
  to.table = from.table;
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
