#include "cli/asked.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/training_data.h"
#include "rectify/base/text.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/text.h"
#include "rectify/pretrain/folder.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/weights_scaling.h"

namespace rectify::cli {

namespace {

/// What --model says, with --activation in place of its rectifiers; empty without it.
std::string rectified(const AskedFlags& flags) {
  const std::string text = own_model(flags);
  if (text.empty() || flags.activation == "relu") return text;
  return graph::text_with_activation(graph::parse_model(text), flags.activation);
}

/// What --init names when it is no initialiser; takes its weights and scaling into the options.
std::optional<pretrain::Start> take_start(const Arguments& args, AskedFlags& flags) {
  train::Options& options = flags.options;
  if (std::ranges::count(graph::initialiser_names, options.init) > 0) return {};
  std::error_code error;
  if (!std::filesystem::exists(options.init, error)) {
    const std::vector<std::string> known(graph::initialiser_names.begin(),
                                         graph::initialiser_names.end());
    fail("--init '", options.init, "' is neither the folder of a pretraining nor an initialiser",
         suggestion(options.init, known));
  }
  if (!options.weights.empty()) fail("--init and --weights both say where to start; leave one out");
  if (flags.model.empty() && (flags.hidden != graph::usual_hidden || flags.activation != "relu"))
    fail("--init brings its own layers; leave --hidden and --activation out, or give --model");
  const pretrain::Start start = pretrain::start_from(options.init);
  options.init = "auto";
  options.weights = start.weights.string();
  if (!is_given(args, "--normalise")) options.normalise = start.normalise;
  return start;
}

std::string model_text_of(const AskedFlags& flags, const data::Dataset& dataset,
                          const std::optional<pretrain::Start>& start) {
  if (!flags.model.empty()) return rectified(flags);
  const auto outputs = static_cast<std::int64_t>(
      dataset.classes() > 0 ? dataset.classes() : static_cast<std::size_t>(dataset.target_width));
  if (start) {
    const graph::Graph encoder = graph::parse_model(start->encoder);
    const bool picture = encoder.node(encoder.result).type.shape.rank() == 3;
    return concat(start->encoder, picture ? " | flatten" : "", " | dense ", outputs);
  }
  const Shape input{static_cast<std::int64_t>(dataset.features())};
  return graph::mlp_text(input, parse_widths(flags.hidden), flags.activation, outputs);
}

/// Weights of --weights are trained on samples scaled as before: takes the normaliser over where
/// none was given, and says so where that leaves the samples far from what the weights know.
void match_scaling(const Arguments& args, AskedFlags& flags, Asked& asked, ThreadPool& threads) {
  train::Options& options = flags.options;
  data::Dataset& dataset = asked.dataset;
  if (options.weights.empty() || dataset.ids) return;
  const auto trained = train::scaling_of_weights(options.weights);
  const auto rows = data::hold_out(dataset.train, options.validation, options.split_seed).train;
  if (!trained || rows.empty()) return;
  const data::Normaliser nearest =
      train::nearest_normaliser(*trained, dataset, rows, options.normalise, threads);
  const std::string flag = concat("--normalise ", rectify::name_of(nearest));
  if (nearest != options.normalise && !is_given(args, "--normalise")) {
    options.normalise = nearest;
    asked.suited["--normalise"] = std::string(rectify::name_of(nearest));
    dataset.notes.push_back(
        concat("samples are scaled as the weights of '", options.weights, "' know them: ", flag));
  }
  const auto now = data::normalisation_of(dataset, rows, threads, options.normalise);
  if (train::distance(*trained, now, dataset.features()) <= train::far_apart) return;
  dataset.notes.push_back(concat("the weights of '", options.weights,
                                 "' were trained on samples scaled otherwise than by ",
                                 "--normalise ", rectify::name_of(options.normalise),
                                 ", so they begin far from what they knew",
                                 nearest == options.normalise ? "; no other normaliser comes nearer"
                                                              : "; nearer comes " + flag));
}

}  // namespace

void declare_asked(Arguments args, AskedFlags& flags) {
  declare_network(args, flags, "");
  args.option("--activation", flags.activation,
              "Of the hidden layers; with --model: what takes the place of its relu")
      .type_name("ACTIVATION");
  declare_training(args, flags, "usual", {"model"});
}

Asked open_asked(const Arguments& args, AskedFlags& flags, ThreadPool& threads) {
  train::Options& options = flags.options;
  const std::optional<pretrain::Start> start = take_start(args, flags);
  train::check(options);
  rectified(flags);                              // before data are read
  if (flags.lr != "usual") wants_search(flags);  // likewise refuses other words
  Asked asked{.dataset = open_training_data(flags, threads)};
  asked.suited = suit_flags(args, asked.dataset, flags, flags, asked.dataset.notes);
  if (start)
    asked.suited["--normalise"] = std::string(rectify::name_of(options.normalise));
  else
    match_scaling(args, flags, asked, threads);
  if (flags.lr == "usual") flags.lr = number_text(train::usual_rate(options));
  asked.search = wants_search(flags);
  options.model = model_text_of(flags, asked.dataset, start);
  return asked;
}

}  // namespace rectify::cli
