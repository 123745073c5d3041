#include "cli/asked.h"

#include "cli/training_data.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/train/optimise/optimiser.h"

namespace rectify::cli {

namespace {

/// What --model says, with --activation in place of its rectifiers; empty without it.
std::string rectified(const AskedFlags& flags) {
  const std::string text = own_model(flags);
  if (text.empty() || flags.activation == "relu") return text;
  return graph::text_with_activation(graph::parse_model(text), flags.activation);
}

std::string model_text_of(const AskedFlags& flags, const data::Dataset& dataset) {
  if (!flags.model.empty()) return rectified(flags);
  const auto outputs = static_cast<std::int64_t>(
      dataset.classes() > 0 ? dataset.classes() : static_cast<std::size_t>(dataset.target_width));
  const Shape input{static_cast<std::int64_t>(dataset.features())};
  return graph::mlp_text(input, parse_widths(flags.hidden), flags.activation, outputs);
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
  train::check(options);
  rectified(flags);                              // before data are read
  if (flags.lr != "usual") wants_search(flags);  // likewise refuses other words
  Asked asked{.dataset = open_training_data(flags, threads)};
  asked.suited = suit_flags(args, asked.dataset, flags, flags, asked.dataset.notes);
  if (flags.lr == "usual") flags.lr = number_text(train::usual_rate(options.optimizer));
  asked.search = wants_search(flags);
  options.model = model_text_of(flags, asked.dataset);
  return asked;
}

}  // namespace rectify::cli
