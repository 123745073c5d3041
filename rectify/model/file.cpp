#include "rectify/model/file.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/loss.h"
#include "rectify/graph/text.h"
#include "rectify/model/interchange.h"

namespace rectify::model {

void put_parameters(TensorFile& file, const std::string& prefix, const run::ParameterLayout& layout,
                    const float* parameters, bool states) {
  for (const run::ParameterSlot& slot : layout.slots()) {
    if (slot.state && !states) continue;
    const float* first = parameters + slot.offset;
    file.tensors[prefix + slot.label] = {slot.shape, {first, first + slot.size}};
  }
}

namespace {

void check_parameters(const TensorFile& file, const std::string& name, const std::string& prefix,
                      const run::ParameterLayout& layout, bool states) {
  for (const run::ParameterSlot& slot : layout.slots()) {
    if (slot.state && !states) continue;
    const auto found = file.tensors.find(prefix + slot.label);
    if (found == file.tensors.end())
      fail("'", name, "' lacks the tensor '", prefix, slot.label, "'");
    if (found->second.shape != slot.shape)
      fail("'", name, "': tensor '", prefix, slot.label, "' is ", found->second.shape.text(),
           " but the model wants ", slot.shape.text());
  }
}

}  // namespace

void take_parameters(const TensorFile& file, const std::string& name, const std::string& prefix,
                     const run::ParameterLayout& layout, float* parameters, bool states) {
  check_parameters(file, name, prefix, layout, states);
  for (const run::ParameterSlot& slot : layout.slots())
    if (!slot.state || states)
      std::ranges::copy(file.tensors.at(prefix + slot.label).values, parameters + slot.offset);
}

namespace {

/// One scaling as a number, several as a list of numbers.
std::string text_of(const std::vector<data::Scaling>& scalings, float data::Scaling::*part) {
  if (scalings.size() == 1) return number_text(scalings[0].*part);
  Json list = Json::array();
  for (const data::Scaling& scaling : scalings) list.push_back(scaling.*part);
  return list.dump();
}

}  // namespace

std::string names_text(const std::vector<std::string>& names) {
  return Json(names).dump(-1, Json::BadText::replace);
}

TensorFile to_file(const Model& model) {
  check_ends_of(model.graph);
  TensorFile file;
  put_parameters(file, "", model.layout, model.parameters.data());
  file.metadata["format"] = "rectify 1";
  file.metadata["model"] = graph::model_text(model.graph);
  file.metadata["loss"] = model.loss;
  const auto put_scalings = [&](const std::string& prefix,
                                const std::vector<data::Scaling>& scalings) {
    file.metadata[prefix + "mean"] = text_of(scalings, &data::Scaling::mean);
    file.metadata[prefix + "scale"] = text_of(scalings, &data::Scaling::scale);
  };
  put_scalings("", model.normalisation.inputs);
  if (!model.normalisation.targets.empty()) put_scalings("target_", model.normalisation.targets);
  file.metadata["classes"] = names_text(model.class_names);
  if (!model.columns.empty()) file.metadata["columns"] = names_text(model.columns);
  if (!model.table.empty()) file.metadata["table"] = data::to_json(model.table);
  if (model.picture.rank() > 0) file.metadata["picture"] = model.picture.text();
  return file;
}

namespace {

const std::string& metadata_of(const TensorFile& file, const std::string& name, const char* key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end())
    fail("'", name, "' was not written by rectify: its metadata lacks '", key, "'");
  return found->second;
}

/// Reads one number, or a list whose length divides `width`: one number an element, or one a
/// channel.
std::vector<float> numbers_of(const TensorFile& file, const std::string& name,
                              const std::string& key, std::int64_t width) {
  const std::string& text = metadata_of(file, name, key.c_str());
  std::vector<float> numbers;
  try {
    const Json json = Json::parse(text);
    numbers = json.is_number() ? std::vector{json.get<float>()} : json.get<std::vector<float>>();
  } catch (const JsonError&) {
    numbers.clear();
  }
  if (numbers.empty() || width % static_cast<std::int64_t>(numbers.size()) != 0 ||
      !std::ranges::all_of(numbers, [](float number) { return std::isfinite(number); }))
    fail("'", name, "': its metadata '", key, "' is not a number, nor a list of ", width,
         ", nor of a channel's each");
  return numbers;
}

std::vector<data::Scaling> scalings_of(const TensorFile& file, const std::string& name,
                                       const std::string& prefix, std::int64_t width) {
  const std::vector<float> means = numbers_of(file, name, prefix + "mean", width);
  const std::vector<float> scales = numbers_of(file, name, prefix + "scale", width);
  if (means.size() != scales.size())
    fail("'", name, "': its metadata '", prefix, "mean' and '", prefix, "scale' have ",
         means.size(), " and ", scales.size(), " numbers");
  std::vector<data::Scaling> scalings;
  for (std::size_t i = 0; i < means.size(); ++i) scalings.push_back({means[i], scales[i]});
  return scalings;
}

data::Normalisation normalisation_from(const TensorFile& file, const std::string& name,
                                       const graph::Graph& graph) {
  const auto width = [&](graph::NodeId id) { return graph.node(id).type.shape.size(); };
  data::Normalisation normalisation{.inputs =
                                        scalings_of(file, name, "", width(graph.find("input")))};
  if (!file.metadata.contains("target_mean")) return normalisation;
  normalisation.targets = scalings_of(file, name, "target_", width(graph.result));
  for (const data::Scaling& scaling : normalisation.targets)
    if (scaling.scale == 0) fail("'", name, "': its metadata 'target_scale' holds a 0");
  return normalisation;
}

std::vector<std::string> names_of(const TensorFile& file, const std::string& name,
                                  const char* key) {
  const std::string& text = metadata_of(file, name, key);
  try {
    return Json::parse(text).get<std::vector<std::string>>();
  } catch (const JsonError& error) {
    fail("'", name, "': its metadata '", key, "' is not a list of names: ", error.what());
  }
}

/// The form of a table; of numbers alone in files from before there was a form.
data::TableForm table_of(const TensorFile& file, const std::string& name,
                         const std::vector<std::string>& columns) {
  const auto found = file.metadata.find("table");
  if (found == file.metadata.end()) return data::form_of_numbers(columns);
  try {
    data::TableForm form = data::table_form_from_json(found->second);
    if (form.feature_names().size() != columns.size())
      fail("it makes ", form.feature_names().size(), " features, not ", columns.size());
    return form;
  } catch (const Error& error) {
    fail("'", name, "': its metadata 'table': ", error.what());
  }
}

graph::Graph graph_of(const TensorFile& file, const std::string& name) {
  const std::string& text = metadata_of(file, name, "model");
  try {
    return graph::parse_model(text);
  } catch (const Error& error) {
    fail("'", name, "': ", error.what());
  }
}

}  // namespace

Model from_file(const TensorFile& file, const std::string& name) {
  graph::Graph graph = graph_of(file, name);
  check_parameters(file, name, "", run::ParameterLayout(graph),
                   true);  // before memory is allocated
  Model model(std::move(graph));
  take_parameters(file, name, "", model.layout, model.parameters.data());
  if (file.tensors.size() != model.layout.slots().size())
    fail("'", name, "' has ", file.tensors.size(), " tensors but its model wants ",
         model.layout.slots().size());
  model.loss = metadata_of(file, name, "loss");
  if (std::ranges::count(graph::loss_names(), model.loss) == 0)
    fail("'", name, "': there is no loss '", model.loss, "'",
         suggestion(model.loss, graph::loss_names()));
  model.normalisation = normalisation_from(file, name, model.graph);
  model.class_names = names_of(file, name, "classes");
  check_classes(model, name);
  if (const auto picture = file.metadata.find("picture"); picture != file.metadata.end())
    set_picture(model, picture->second, name);
  if (file.metadata.contains("columns")) {
    model.columns = names_of(file, name, "columns");
    const std::size_t inputs = model.normalisation.inputs.size();
    if (inputs != model.columns.size())
      fail("'", name, "' has ", model.columns.size(), " columns but scales ", inputs);
    model.table = table_of(file, name, model.columns);
  }
  return model;
}

Model load_model(const std::filesystem::path& path) { return load_model(path, {}); }

Model load_model(const std::filesystem::path& path, onnx::ReadOptions options) {
  if (!onnx::is_onnx(path)) {
    if (!options.shape.empty() || !options.output.empty())
      fail("--shape and --output are for ONNX files, which '", path.string(), "' is not");
    return from_file(load(path), path.string());
  }
  options.join_inputs = true;
  return from_network(onnx::load(path, options), path.string());
}

}  // namespace rectify::model
