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

/// One layer with its numbers.
struct SavedLayer {
  Passage up;
  std::optional<Machine> machine;
  std::optional<ConvolutionalMachine> convolutional;
};

SavedLayer read_layer(const model::TensorFile& file, const std::string& name,
                      const LayerSpec& layer, std::size_t number, const Shape& shape) {
  const std::string prefix = concat("layer", number + 1, ".");
  const Below below{.inputs = shape.size(),
                    .shape = shape,
                    .unit = stack_metadata(file, name, prefix + "inputs_like")};
  const Learner learner = layer.kind->learner(layer, below);
  const run::ParameterLayout layout(learner.objective.graph);
  Buffer parameters(layout.floats());
  model::take_parameters(file, name, prefix, layout, parameters.data());
  SavedLayer read{.up = layer.kind->up(layer, below, layout, parameters.data()),
                  .machine = {},
                  .convolutional = {}};
  if (layer.kind->machine)
    read.machine = layer.kind->machine(layer, below, layout, parameters.data());
  if (layer.kind->convolutional)
    read.convolutional = layer.kind->convolutional(layer, below, layout, parameters.data());
  return read;
}

/// The network of the file's text, with what the layers have of it.
model::Model encoder_of(const model::TensorFile& file, const std::string& name,
                        const std::vector<SavedLayer>& layers) {
  model::TensorFile encoder{.tensors = {}, .metadata = file.metadata};
  const model::Model empty(stack_metadata(file, name, "model"));
  std::size_t slot = 0;
  for (const SavedLayer& layer : layers)
    for (const std::vector<float>& numbers : layer.up.parameters) {
      if (slot == empty.layout.slots().size()) break;
      const run::ParameterSlot& to = empty.layout.slots()[slot++];
      encoder.tensors[to.label] = {to.shape, numbers};
    }
  return model::from_file(encoder, name);
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
  SavedStack stack{.encoder = model::Model(stack_metadata(file, name, "model")),
                   .layers = parse_stack(stack_metadata(file, name, "stack")),
                   .machines = {},
                   .convolutional = {},
                   .sample_shape = {},
                   .data = options_from_json(stack_metadata(file, name, "options")).train.data};
  while (!stack.layers.empty() &&
         !file.tensors.contains(concat("layer", stack.layers.size(), ".weight")))
    stack.layers.pop_back();
  const Shape input = stack.encoder.graph.node(stack.encoder.graph.find("input")).type.shape;
  const auto saved_shape = file.metadata.find("sample_shape");
  Shape shape = saved_shape == file.metadata.end() ? input : parse_shape(saved_shape->second);
  stack.sample_shape = shape;
  if (shape.size() != input.size())
    fail("'", name, "': samples of ", shape.text(), " are not ", input.size(), " numbers");
  std::vector<SavedLayer> layers;
  for (std::size_t i = 0; i < stack.layers.size(); ++i) {
    layers.push_back(read_layer(file, name, stack.layers[i], i, shape));
    shape = layers.back().up.output;
    stack.machines.push_back(std::move(layers.back().machine));
    stack.convolutional.push_back(std::move(layers.back().convolutional));
  }
  stack.encoder = encoder_of(file, name, layers);
  return stack;
}

std::vector<double> free_energies(const SavedStack& stack, std::span<const float> samples,
                                  ThreadPool& threads) {
  if (stack.convolutional.at(0)) return free_energies(*stack.convolutional[0], samples, threads);
  return free_energies(machine_of(stack, 0), samples, threads);
}

const Machine& machine_of(const SavedStack& stack, std::size_t layer) {
  if (stack.convolutional.size() > layer && stack.convolutional[layer])
    fail(
        "layer ", layer + 1, " of the stack, '", stack.layers[layer].text,
        "', is a convolutional machine: it has free energies, but neither likelihoods nor samples");
  if (!stack.machines[layer])
    fail("layer ", layer + 1, " of the stack, '", stack.layers[layer].text,
         "', is no Boltzmann machine: it has neither energies nor samples");
  return *stack.machines[layer];
}

}  // namespace rectify::pretrain
