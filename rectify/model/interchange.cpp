#include "rectify/model/interchange.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/loss.h"
#include "rectify/graph/text.h"
#include "rectify/model/file.h"

namespace rectify::model {

namespace {

using Metadata = std::map<std::string, std::string>;

std::vector<std::string> names_of(const Metadata& metadata, const std::string& key,
                                  const std::string& name) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  try {
    return Json::parse(found->second).get<std::vector<std::string>>();
  } catch (const JsonError& error) {
    fail("'", name, "': its metadata 'rectify.", key, "' is not a list of names: ", error.what());
  }
}

/// Loss and classes of a model that says neither.
void guess_purpose(Model& model) {
  const Shape& answer = model.graph.node(model.graph.result).type.shape;
  constexpr std::int64_t most_classes = 1 << 20;
  const bool classes = answer.rank() == 1 && answer[0] > 1 && answer[0] <= most_classes;
  model.guessed = true;
  model.loss = classes ? "softmax_cross_entropy" : "mean_squared_error";
  for (std::int64_t i = 0; classes && i < answer[0]; ++i)
    model.class_names.push_back(std::to_string(i));
}

/// Sets loss and classes: from the metadata if Rectify wrote them, else by a guess.
void set_purpose(Model& model, const Metadata& metadata, const std::string& name) {
  if (!metadata.contains("loss")) return guess_purpose(model);
  model.loss = metadata.at("loss");
  if (std::ranges::count(graph::loss_names(), model.loss) == 0)
    fail("'", name, "': there is no loss '", model.loss, "'",
         suggestion(model.loss, graph::loss_names()));
  model.class_names = names_of(metadata, "classes", name);
  check_classes(model, name);
}

/// Sets the columns of a table from the metadata, if the model is of one.
void set_columns(Model& model, const Metadata& metadata, const std::string& name) {
  model.columns = names_of(metadata, "columns", name);
  if (!model.columns.empty() && model.columns.size() != model.normalisation.inputs.size())
    model.columns.clear();
  if (model.columns.empty()) return;
  model.table = metadata.contains("table") ? data::table_form_from_json(metadata.at("table"))
                                           : data::form_of_numbers(model.columns);
  if (model.table.feature_names().size() != model.columns.size())
    fail("'", name, "': its metadata 'rectify.table' makes ", model.table.feature_names().size(),
         " features, not ", model.columns.size());
}

/// One scaling a channel in place of one a feature, where these repeat.
void shorten(std::vector<data::Scaling>& scalings, const Shape& sample) {
  const auto channels = static_cast<std::size_t>(sample.rank() == 3 ? sample.back() : 0);
  if (channels == 0 || scalings.size() <= channels) return;
  const auto first = scalings.begin(), second = first + static_cast<std::ptrdiff_t>(channels);
  if (std::equal(second, scalings.end(), first)) scalings.resize(channels);
}

}  // namespace

Model from_network(onnx::Network network, const std::string& name) {
  if (network.inputs.size() != 1)
    fail("'", name, "' takes ", network.inputs.size(), " inputs; one is all that is used here");
  if (network.answer.axes.size() < 3 && !onnx::in_order(network.answer))
    fail("'", name, "' answers with an image as a row of numbers, which lie in another order here");
  for (const graph::NodeId id : network.graph.all("input"))
    if (network.graph.users(id).empty()) fail("'", name, "' does not use its input");
  Model model(std::move(network.graph));
  for (const run::ParameterSlot& slot : model.layout.slots())
    std::ranges::copy(network.numbers.at(slot.node), model.parameters.data() + slot.offset);
  model.normalisation = std::move(network.normalisation);
  shorten(model.normalisation.inputs, model.graph.node(model.graph.find("input")).type.shape);
  set_purpose(model, network.metadata, name);
  set_columns(model, network.metadata, name);
  if (const auto picture = network.metadata.find("picture"); picture != network.metadata.end())
    set_picture(model, picture->second, name);
  return model;
}

onnx::Network to_network(const Model& model) {
  onnx::Network network{.graph = model.graph, .normalisation = model.normalisation};
  for (const run::ParameterSlot& slot : model.layout.slots()) {
    const float* first = model.parameters.data() + slot.offset;
    network.numbers[slot.node] = {first, first + slot.size};
  }
  network.metadata["loss"] = model.loss;
  network.metadata["classes"] = names_text(model.class_names);
  if (!model.columns.empty()) network.metadata["columns"] = names_text(model.columns);
  if (!model.table.empty()) network.metadata["table"] = data::to_json(model.table);
  if (model.picture.rank() > 0) network.metadata["picture"] = model.picture.text();
  return network;
}

}  // namespace rectify::model
