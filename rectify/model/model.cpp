#include "rectify/model/model.h"

#include <algorithm>

#include "rectify/graph/text.h"
#include "rectify/pass/fold.h"

namespace rectify::model {

Model::Model(graph::Graph g) : graph(std::move(g)), layout(graph), parameters(layout.floats()) {}

Model::Model(const std::string& text) : Model(graph::parse_model(text)) {}

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
  result.normalisation = std::move(model.normalisation);
  result.class_names = std::move(model.class_names);
  result.columns = std::move(model.columns);
  result.loss = std::move(model.loss);
  return result;
}

}  // namespace rectify::model
