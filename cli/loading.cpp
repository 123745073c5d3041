#include "cli/loading.h"

#include <algorithm>
#include <filesystem>

#include "rectify/base/error.h"
#include "rectify/graph/zoo.h"
#include "rectify/model/file.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

void declare_model(Arguments args, ModelFlags& flags) {
  args.option("model", flags.model, "A safetensors or ONNX file, or the folder of a run")
      .type_name("MODEL")
      .required();
  args.option("--data", flags.data, "Data SPEC; without it, what the run was trained on")
      .type_name("SPEC");
  args.option("--split", flags.split, "test or train").type_name("SPLIT");
  args.flag("--last", flags.last, "Of a run's folder: the last weights instead of the best");
  args.option("--views", flags.views,
              "Averages the answers to several views of an image: flip, crop 2 (ten in all)")
      .type_name("LIST");
}

bool is_network_text(const std::string& model) {
  std::error_code ignored;  // a text may be longer than any file's name
  return (model.find(':') != std::string::npos || graph::find_in_zoo(model)) &&
         !std::filesystem::exists(model, ignored);
}

Loaded load_with_data(const ModelFlags& flags, ThreadPool& threads) {
  model::Model model = model::load_model(train::model_file(flags.model, flags.last));
  std::string spec = flags.data;
  if (spec.empty()) {
    const auto state = std::filesystem::path(flags.model) / "state.safetensors";
    if (!std::filesystem::exists(state))
      fail("which data? '", flags.model, "' is not a run's folder; give --data SPEC");
    spec = train::options_from_json(model::load(state).metadata.at("options")).data;
  }
  data::Dataset dataset = data::open(spec, threads);
  model::resolve_loss(model.graph, dataset, model.loss);
  if (dataset.classes() != model.class_names.size())
    fail("the model knows ", model.class_names.size(), " classes but ", spec, " has ",
         dataset.classes());
  for (std::size_t i = 0; i < std::min(model.columns.size(), dataset.columns.size()); ++i)
    if (model.columns[i] != dataset.columns[i])
      fail("column ", i, " of ", spec, " is '", dataset.columns[i],
           "' but the model was trained with '", model.columns[i],
           "' there; bring the columns into that order");
  return {std::move(model), std::move(dataset)};
}

model::Evaluator evaluator_of(Loaded& loaded, const ModelFlags& flags, ThreadPool& threads) {
  model::Model& model = loaded.model;
  model::Evaluator evaluator(model.graph, model.layout, model.parameters.data(), model.loss,
                             loaded.dataset, threads);
  evaluator.average_over(model::Views(flags.views, loaded.dataset.sample_shape));
  return evaluator;
}

const data::Split& split_of(const data::Dataset& dataset, const std::string& name) {
  if (name == "test") return dataset.test;
  if (name == "train") return dataset.train;
  fail("--split must be test or train, not '", name, "'");
}

}  // namespace rectify::cli
