#include "rectify/lab/pretraining.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/selection.h"
#include "rectify/lab/stopped.h"
#include "rectify/model/file.h"
#include "rectify/model/metadata.h"
#include "rectify/pretrain/kind.h"
#include "rectify/pretrain/pretrainer.h"

namespace rectify::lab {

namespace {

/// The type of unit whose mean is the activation; a rectifier's is nrelu.
std::string unit_like(const std::string& activation) {
  const graph::Graph graph = graph::parse_activation(activation);
  const bool selects = graph::is_selection(graph.node(graph.result));
  const activation::Row& row = graph::activation_row(graph.node(graph.result));
  for (const activation::Unit& unit : activation::units())
    if (unit.activation == row.name && !selects) return std::string(unit.name);
  if (row.rectifier && !selects) return "nrelu";
  fail("--pretrain rbm: no unit of a Boltzmann machine is like '", activation,
       "'; take relu, sigmoid, tanh or identity, or --pretrain dae");
}

}  // namespace

std::vector<std::string> pretraining_names() {
  std::vector<std::string> names = {"none"};
  for (const pretrain::LayerKind* kind : pretrain::layer_kinds()) names.emplace_back(kind->name);
  return names;
}

std::string stack_for(const std::string& pretraining, const std::string& activation,
                      const std::vector<std::int64_t>& widths) {
  const std::string type = pretraining == "rbm" ? unit_like(activation) : activation;
  std::string stack;
  for (const std::int64_t width : widths)
    stack += concat(stack.empty() ? "" : " | ", pretraining, " ", width, " ", type);
  return stack;
}

Pretrained pretrained(const std::string& stack, int epochs, const train::Options& train,
                      const data::Dataset& dataset, const std::filesystem::path& file,
                      ThreadPool& threads, const ProgressCallback& progress,
                      const StopCallback& stop) {
  constexpr const char* seconds_key = "pretraining_seconds";
  if (std::filesystem::exists(file)) {
    const auto metadata = model::load_metadata(file);
    const auto seconds = metadata.find(seconds_key);
    return {file, seconds == metadata.end() ? 0 : parse_number(seconds->second).value_or(0)};
  }
  pretrain::Options options;
  options.stack = stack;
  options.train.data = train.data;
  options.train.seed = train.seed;
  options.train.epochs = epochs;
  options.train.batch = train.batch;
  options.train.validation = train.validation;
  options.train.split_seed = train.split_seed;
  options.train.normalise = train.normalise;
  pretrain::Pretrainer pretrainer(options, dataset, threads);
  while (!pretrainer.finished())
    if (!pretrainer.train_epoch(progress, stop)) throw Stopped("stopped");
  Pretrained result{.weights = file};
  for (const pretrain::Record& record : pretrainer.history()) result.seconds += record.seconds;
  model::TensorFile encoder = model::to_file(pretrainer.encoder());
  encoder.metadata[seconds_key] = number_text(result.seconds);
  model::save(file, encoder);
  return result;
}

}  // namespace rectify::lab
