#pragma once

#include <string>

#include "cli/onnx_flags.h"
#include "rectify/model/evaluate.h"
#include "rectify/run/weight_precision.h"

namespace rectify::cli {

/// Which trained weights, on which data: what eval and predict share.
struct ModelFlags {
  std::string model;  ///< a safetensors file or a run's folder
  std::string data;   ///< empty: what the run was trained on
  std::string split = "test";
  bool last = false;  ///< of a folder: the last weights, not the best
  std::string views;  ///< of a sample, whose answers are averaged
  run::WeightPrecision weights_as = run::WeightPrecision::fp32;
  onnx::ReadOptions onnx;
};
/// All of these flags but --views and --weights-as. `more` is what --data may be besides a SPEC.
void declare_weights(Arguments args, ModelFlags& flags, const std::string& more = {});
/// The same with --views.
void declare_model(Arguments args, ModelFlags& flags, const std::string& more = {});

/// --weights-as.
void declare_weights_as(Arguments args, run::WeightPrecision& precision);

struct Loaded {
  model::Model model;
  data::Dataset dataset;
};

/// What a model is to do on data: be measured, which needs labels or targets that fit its answers;
/// be measured on samples that it has not learnt from, which are all samples of data that its run
/// was not trained on and that have no test split of their own; or answer the samples, which an
/// encoder does on labelled data too.
enum class Wanted { errors, test_errors, answers };

/// Loads both and checks that they fit. Throws Error.
Loaded load_with_data(const ModelFlags& flags, ThreadPool& threads, Wanted wanted = Wanted::errors);

/// What eval and predict measure with: the loaded weights as --weights-as says, over the views of
/// --views.
model::Evaluator evaluator_of(Loaded& loaded, const ModelFlags& flags, ThreadPool& threads);

/// Whether MODEL is a network's text or its name in the zoo rather than a file or a folder.
bool is_network_text(const std::string& model);

/// "test", "train" or "all". Throws Error.
const data::Split& split_of(const data::Dataset& dataset, const std::string& name);

}  // namespace rectify::cli
