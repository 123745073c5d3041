#include "rectify/pretrain/saved_stack.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"
#include "rectify/model/metadata.h"
#include "rectify/pretrain/kind.h"
#include "rectify/pretrain/options.h"

namespace rectify::pretrain {

namespace {

namespace fs = std::filesystem;

fs::path stack_path(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error) ? path / "stack.safetensors" : path;
}

const std::string& stack_metadata(const model::TensorFile& file, const std::string& name,
                                  const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) fail("'", name, "': its metadata lacks '", key, "'");
  return found->second;
}

/// The encoder has the weights and hidden biases of the layers.
model::Model encoder_of(const model::TensorFile& file, const std::string& name) {
  model::TensorFile encoder{.tensors = {}, .metadata = file.metadata};
  for (const auto& [label, tensor] : file.tensors) {
    const std::size_t dot = label.find('.');
    const std::string layer = label.substr(std::string("layer").size(), dot - 5);
    const std::string part = label.substr(dot + 1);
    if (part == "weight") encoder.tensors["dense" + layer + ".weight"] = tensor;
    if (part == "hidden_bias") encoder.tensors["dense" + layer + ".bias"] = tensor;
  }
  return model::from_file(encoder, name);
}

std::optional<Machine> read_machine(const model::TensorFile& file, const std::string& name,
                                    const LayerSpec& layer, std::size_t number,
                                    std::int64_t inputs) {
  if (!layer.kind->machine) return {};
  const std::string prefix = concat("layer", number + 1, ".");
  const Below below{.inputs = inputs, .unit = stack_metadata(file, name, prefix + "inputs_like")};
  const Learner learner = layer.kind->learner(layer, below);
  const run::ParameterLayout layout(learner.objective.graph);
  Buffer parameters(layout.floats());
  model::take_parameters(file, name, prefix, layout, parameters.data());
  return layer.kind->machine(layer, below, layout, parameters.data());
}

}  // namespace

bool holds_stack(const fs::path& path) {
  std::error_code error;
  const fs::path file = stack_path(path);
  if (!fs::is_regular_file(file, error) || file.extension() != ".safetensors") return false;
  const auto metadata = model::load_metadata(file);
  const auto format = metadata.find("format");
  return format != metadata.end() && format->second.starts_with("rectify stack");
}

SavedStack load_stack(const fs::path& path) {
  const std::string name = stack_path(path).string();
  std::error_code error;
  if (!fs::exists(path, error)) fail("there is no '", path.string(), "'");
  if (!holds_stack(path))
    fail("'", path.string(), "' holds no layers of a pretraining; 'rectify pretrain' makes them");
  const model::TensorFile file = model::load(name);
  for (const auto& [label, tensor] : file.tensors)
    if (!label.starts_with("layer") || label.find('.') == std::string::npos)
      fail("'", name, "': the tensor '", label, "' belongs to no layer");
  SavedStack stack{.encoder = encoder_of(file, name),
                   .layers = parse_stack(stack_metadata(file, name, "stack")),
                   .machines = {},
                   .sample_shape = {},
                   .data = {}};
  while (!stack.layers.empty() &&
         !file.tensors.contains(concat("layer", stack.layers.size(), ".weight")))
    stack.layers.pop_back();
  std::int64_t inputs =
      stack.encoder.graph.node(stack.encoder.graph.find("input")).type.shape.size();
  const auto shape = file.metadata.find("sample_shape");
  stack.sample_shape = shape == file.metadata.end() ? Shape{inputs} : parse_shape(shape->second);
  if (stack.sample_shape.size() != inputs)
    fail("'", name, "': samples of ", stack.sample_shape.text(), " are not ", inputs, " numbers");
  stack.data = options_from_json(stack_metadata(file, name, "options")).train.data;
  for (std::size_t i = 0; i < stack.layers.size(); ++i) {
    stack.machines.push_back(read_machine(file, name, stack.layers[i], i, inputs));
    inputs = stack.layers[i].units();
  }
  return stack;
}

const Machine& machine_of(const SavedStack& stack, std::size_t layer) {
  if (!stack.machines[layer])
    fail("layer ", layer + 1, " of the stack, '", stack.layers[layer].text,
         "', is no Boltzmann machine: it has neither energies nor samples");
  return *stack.machines[layer];
}

}  // namespace rectify::pretrain
