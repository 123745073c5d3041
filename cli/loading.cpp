#include "cli/loading.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/flags.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/splits/classes.h"
#include "rectify/graph/zoo.h"
#include "rectify/lab/compare.h"
#include "rectify/model/file.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

void declare_weights(Arguments args, ModelFlags& flags, const std::string& more) {
  args.option("model", flags.model, "A safetensors or ONNX file, or the folder of a run")
      .type_name("MODEL")
      .required();
  args.option("--data", flags.data,
              "Data SPEC" + more + "; without it, what the run was trained on")
      .type_name("SPEC");
  args.option("--split", flags.split, "test, train, or all of data without a test split")
      .type_name("SPLIT");
  args.flag("--last", flags.last, "Of a run's folder: the last weights instead of the best");
  declare_onnx(args, flags.onnx);
}

void declare_model(Arguments args, ModelFlags& flags, const std::string& more) {
  declare_weights(args, flags, more);
  args.option("--views", flags.views,
              "Averages the answers to several views of an image: flip, crop 2 (ten in all)")
      .type_name("LIST");
}

void declare_weights_as(Arguments args, run::WeightPrecision& precision) {
  named_option(args, "--weights-as", precision,
               "What weights of dense layers are kept as: fp32, bf16, int8; sums are fp32")
      .type_name("WEIGHTS");
}

bool is_network_text(const std::string& model) {
  std::error_code ignored;  // a text may be longer than any file's name
  return (model.find(':') != std::string::npos || graph::find_in_zoo(model)) &&
         !std::filesystem::exists(model, ignored);
}

namespace {

namespace fs = std::filesystem;

void check_split(const std::string& name) {
  if (name != "test" && name != "train" && name != "all")
    fail("--split must be test, train or all, not '", name, "'");
}

/// Brings the classes of the data into the model's order. The classes of an ONNX file that names
/// none take the data's names, where there are as many.
void match_classes(model::Model& model, data::Dataset& dataset) {
  if (model.class_names.empty() || dataset.classes() == 0) return;
  if (model.guessed && dataset.classes() == model.class_names.size())
    model.class_names = dataset.class_names;
  data::renumber_classes(dataset, model.class_names, dataset.spec);
}

/// The extents that an ONNX file and --shape leave open are those of the data.
model::Model load_for(const ModelFlags& flags, ThreadPool& threads) {
  const fs::path file = train::model_file(flags.model, flags.last);
  try {
    return model::load_model(file, flags.onnx);
  } catch (const onnx::OpenExtent&) {
    if (flags.data.empty()) throw;
  }
  onnx::ReadOptions options = flags.onnx;
  options.sample = data::open(flags.data, threads).sample_shape;
  return model::load_model(file, options);
}

/// Leaves the samples of labelled data alone to a model that answers with numbers: it can answer
/// them, though nobody can say how well.
void forget_classes(const model::Model& model, data::Dataset& dataset) {
  if (!model.class_names.empty() || dataset.classes() == 0 || dataset.ids) return;
  dataset.class_names.clear();
  dataset.target_width = model.graph.node(model.graph.result).type.shape.size();
  for (data::Split* split : {&dataset.train, &dataset.test}) split->labels.clear();
}

/// What the training or comparison in `folder` used; empty where there is none.
std::string data_of_run(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder / "state.safetensors", ignored)) return train::saved_options(folder).data;
  if (const fs::path compared = folder / "compare.json"; fs::exists(compared, ignored))
    return lab::compare_options_from_json(read_file(compared)).train.data;
  return {};
}

/// The names of the files that a SPEC may be read from, but for that of a test split.
std::set<fs::path> files_of(std::string spec) {
  if (const std::size_t test = spec.find(",test="); test != spec.npos) spec.resize(test);
  std::ranges::replace(spec, ',', ':');
  std::set<fs::path> files;
  for (const std::string& part : split(spec, ':')) files.insert(fs::path(part).filename());
  return files;
}

/// Whether the run that the model is of was trained on other files than `spec` names. Where that
/// cannot be told, no.
bool is_apart(const std::string& model, const std::string& spec) {
  std::error_code ignored;
  const fs::path path = model;
  const std::string trained =
      data_of_run(fs::is_directory(path, ignored) ? path : path.parent_path());
  if (trained.empty()) return false;
  const std::set<fs::path> known = files_of(trained);
  bool any = false;
  for (const std::string& part : split(spec.substr(0, spec.find(",test=")), ':')) {
    if (!fs::exists(part, ignored)) continue;
    any = true;
    if (known.contains(fs::path(part).filename())) return false;
  }
  return any;
}

/// The SPEC that was given, or else that of the run. A table's file alone is enough for a model
/// that knows where its labels are.
std::string spec_of(const ModelFlags& flags, const model::Model& model) {
  if (flags.data.empty()) {
    const std::string spec = data_of_run(flags.model);
    if (spec.empty())
      fail("which data? '", flags.model, "' is not a run's folder; give --data SPEC");
    return spec;
  }
  std::error_code ignored;
  const bool table = !model.table.empty() && !model.table.target.empty();
  return table && fs::is_regular_file(flags.data, ignored)
             ? concat("csv:", flags.data, ":", model.table.target)
             : flags.data;
}

}  // namespace

Loaded load_with_data(const ModelFlags& flags, ThreadPool& threads, Wanted wanted) {
  check_split(flags.split);  // before data are read
  model::Model model = load_for(flags, threads);
  const std::string spec = spec_of(flags, model);
  const bool apart =
      wanted == Wanted::test_errors && flags.split == "test" && is_apart(flags.model, spec);
  data::Known known = model::known_of(model);
  known.whole = flags.split == "all" || apart;
  known.or_own_test = apart;
  data::Dataset dataset = data::open(spec, threads, known);
  if (apart && dataset.test.count == 0) {
    std::swap(dataset.train, dataset.test);
    dataset.notes.push_back("all samples are measured, because the run was not trained on them");
  }
  match_classes(model, dataset);
  if (wanted == Wanted::answers) forget_classes(model, dataset);
  model::resolve_loss(model.graph, dataset, model.loss);
  return {std::move(model), std::move(dataset)};
}

model::Evaluator evaluator_of(Loaded& loaded, const ModelFlags& flags, ThreadPool& threads) {
  model::Model& model = loaded.model;
  model::Evaluator evaluator(model.graph, model.layout, model.parameters.data(), model.loss,
                             loaded.dataset, threads);
  evaluator.average_over(model::Views(flags.views, loaded.dataset.sample_shape));
  evaluator.keep_weights_as(flags.weights_as);
  return evaluator;
}

const data::Split& split_of(const data::Dataset& dataset, const std::string& name) {
  check_split(name);
  return name == "test" ? dataset.test : dataset.train;
}

}  // namespace rectify::cli
