#include "rectify/pretrain/training_state.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"

namespace rectify::pretrain {

void put_training(model::TensorFile& file, const std::string& prefix,
                  const run::ParameterLayout& layout, const float* parameters,
                  const train::Step& step, int epoch) {
  model::put_parameters(file, prefix + "parameter/", layout, parameters);
  const std::vector<Buffer>& buffers = step.optimiser().state();
  for (std::size_t i = 0; i < buffers.size(); ++i)
    model::put_parameters(file, concat(prefix, "optimizer", i, "/"), layout, buffers[i].data(),
                          false);
  file.metadata[prefix + "epoch"] = std::to_string(epoch);
  file.metadata[prefix + "step"] = std::to_string(step.batches());
  file.metadata[prefix + "optimizer_steps"] = std::to_string(step.optimiser().steps());
}

int take_training(const model::TensorFile& file, const std::string& prefix,
                  const run::ParameterLayout& layout, float* parameters, train::Step& step) {
  const std::string name = "the saved state";
  const auto number = [&](const char* key) {
    const auto found = file.metadata.find(prefix + key);
    if (found == file.metadata.end()) fail(name, " lacks '", prefix, key, "'");
    return std::stoull(found->second);
  };
  model::take_parameters(file, name, prefix + "parameter/", layout, parameters);
  std::vector<Buffer>& buffers = step.optimiser().state();
  for (std::size_t i = 0; i < buffers.size(); ++i)
    model::take_parameters(file, name, concat(prefix, "optimizer", i, "/"), layout,
                           buffers[i].data(), false);
  step.set_batches(static_cast<std::uint32_t>(number("step")));
  step.optimiser().set_steps(number("optimizer_steps"));
  return static_cast<int>(number("epoch"));
}

}  // namespace rectify::pretrain
