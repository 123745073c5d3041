// rectify pretrain: layers that learn without labels, one after the other.

#include <algorithm>
#include <memory>

#include "cli/columns.h"
#include "cli/flags.h"
#include "cli/pretraining.h"
#include "cli/verb.h"
#include "cli/way_back.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/pretrain/folder.h"
#include "rectify/pretrain/kind.h"
#include "rectify/run/warm_up.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, TrainingFlags {
  pretrain::Options all;
  bool kinds = false;
  Flags() { options = all.train; }
};

/// The options that the flags ask for on the data; `instead` gets what the data decided.
pretrain::Options options_of(const Arguments& args, Flags& flags, const data::Dataset& dataset,
                             std::map<std::string, std::string, std::less<>>& instead) {
  pretrain::Options options = flags.all;
  options.train = flags.options;
  options.usual_rate = flags.lr == "usual";
  if (!is_given(args, "--normalise")) {
    options.train.normalise = pretrain::suited_normaliser(options.stack, dataset);
    instead["--normalise"] = std::string(rectify::name_of(options.train.normalise));
  }
  return options;
}

std::string values_of(const graph::AttributeSpec& spec) {
  std::string text;
  for (const std::string_view choice : spec.choices)
    text += concat(text.empty() ? "" : ", ", choice);
  if (!text.empty() || spec.low >= spec.high) return text;
  return concat(number_text(spec.low), " to ", number_text(spec.high));
}

Json kinds_json() {
  Json json = Json::array();
  for (const pretrain::LayerKind* kind : pretrain::layer_kinds()) {
    Json attributes = Json::array();
    for (const graph::AttributeSpec& spec : kind->attributes)
      attributes.push_back({{"name", spec.name},
                            {"default", graph::attribute_text(spec.initial)},
                            {"values", values_of(spec)},
                            {"meaning", spec.meaning}});
    json.push_back({{"name", kind->name}, {"summary", kind->summary}, {"attributes", attributes}});
  }
  return json;
}

using Names = std::vector<std::pair<std::string, std::string>>;

/// Names with what they mean beside them, in lines of `columns` at most.
std::string name_lines(const Names& names, std::size_t columns) {
  std::size_t width = 0;
  for (const auto& [name, meaning] : names) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, meaning] : names) {
    std::string lines = wrapped(meaning, std::string(width + 4, ' '), columns);
    text += lines.replace(2, name.size(), name);
  }
  return text;
}

std::string kinds_text(std::size_t columns) {
  std::string text;
  for (const pretrain::LayerKind* kind : pretrain::layer_kinds()) {
    text += wrapped(concat(kind->name, ": ", kind->summary), "", columns);
    Names names;
    for (const graph::AttributeSpec& spec : kind->attributes) {
      const std::string values = values_of(spec);
      names.emplace_back(
          concat(spec.name, spec.name == "units" ? "" : "=" + graph::attribute_text(spec.initial)),
          concat(spec.meaning, values.empty() ? "" : " [" + values + "]"));
    }
    text += name_lines(names, columns);
  }
  Names units;
  for (const activation::Unit& unit : activation::units())
    units.emplace_back(unit.name, concat(unit.summary, " (", unit.source, ")"));
  return text + "units of machines:\n" + name_lines(units, columns);
}

int print_kinds(Terminal& terminal) {
  terminal.print(terminal.json ? kinds_json().dump(2) + "\n"
                               : kinds_text(static_cast<std::size_t>(terminal.width())));
  return exit_done;
}

/// Before data are read.
void check(Flags& flags) {
  if (flags.lr != "usual" && wants_search(flags))
    fail(
        "--lr auto searches by the error on labels, which pretraining does not see; give a number");
  pretrain::Options options = flags.all;
  options.train = flags.options;
  pretrain::check(options);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.option("--stack", flags->all.stack,
              "The layers from the data upwards: KIND UNITS [TYPE] [name=value ...] | ...")
      .type_name("STACK");
  args.flag("--kinds", flags->kinds, "Prints the kinds of layers with their attributes, and ends")
      .configurable(false);
  args.option("--slow-epochs", flags->all.slow_epochs,
              "First epochs of a layer, in which momentum is 0.5 at most");
  args.option("--unroll", flags->all.unroll,
              "Epochs after the layers' own in which they learn, up and down again as one network, "
              "to reproduce the samples: a deep autoencoder; 0: none");
  args.option("--unroll-lr", flags->all.unroll_lr, "Learning rate of those epochs, by Adam");
  declare_training(args, *flags, "usual", pretrain::unread_options());
  declare_out(args, *flags, "rectify-pretrained");
  declare_threads(args, *flags);
  return [flags, args](Terminal& terminal) {
    if (flags->kinds) return print_kinds(terminal);
    check(*flags);
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    const data::Dataset dataset = data::open(flags->options.data, threads);
    std::map<std::string, std::string, std::less<>> instead;
    const pretrain::Options options = options_of(args, *flags, dataset, instead);
    pretrain::Pretrainer pretrainer(options, dataset, threads);
    catch_interrupts();  // from here on there is something to lose
    const auto folder =
        train::RunFolder::create(flags->out, flags->force, config_of(args, instead));
    for (const std::string& note : dataset.notes) terminal.say(note);
    with_way_back(folder, [&] { pretrain::save(folder, pretrainer); });
    return pretrain_in(folder, pretrainer, threads, terminal);
  };
}

}  // namespace

std::span<const Verb> pretrain() {
  static const Verb all[] = {
      {"pretrain", "Trains layers without labels, for train to start from",
       "rectify pretrain --data mnist:data/mnist \\\n"
       "      --stack 'rbm 1000 nrelu | rbm 1000 nrelu' --epochs 10 --out mnist-rbm\n"
       "  rectify train --data mnist:data/mnist --init mnist-rbm --out mnist-fine",
       declare}};
  return all;
}

}  // namespace rectify::cli::ops
