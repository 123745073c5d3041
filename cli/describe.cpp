#include "cli/describe.h"

#include <map>

#include "cli/fetch/published.h"
#include "cli/training.h"
#include "rectify/activation/activation.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/data/export.h"
#include "rectify/data/kinds.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/graph/zoo.h"
#include "rectify/lab/compare.h"
#include "rectify/lab/pretraining.h"
#include "rectify/lab/recipe.h"
#include "rectify/pretrain/likelihood/likelihood.h"
#include "rectify/run/weight_precision.h"
#include "rectify/train/option_table.h"
#include "rectify/verify/sample_attack.h"

namespace rectify::cli {

namespace {

using Words = std::vector<std::string>;

Words activation_names() {
  Words names;
  for (const activation::Row& row : activation::family()) names.emplace_back(row.name);
  return names;
}

Words set_words() {
  Words names;
  for (const PublishedSet& set : published_sets()) names.push_back(set.name);
  return names;
}

Words network_words() {
  Words names;
  for (const graph::ZooModel& model : graph::zoo()) names.push_back(model.name);
  return names;
}

Words claim_words() {
  Words names = {"all"};
  for (const lab::Recipe& recipe : lab::recipes()) names.push_back(recipe.id);
  return names;
}

Words mend_words() {
  Words names;
  for (const diagnose::Mend* mend : diagnose::mends()) names.emplace_back(mend->name);
  return names;
}

/// "mnist:", which goes on with a path, or "glyphs", which need not.
Words kind_words() {
  Words names;
  for (const data::Kind* kind : data::kinds()) {
    const std::string name = kind->name;
    names.push_back(std::string_view(kind->form).starts_with(name + ":") ? name + ":" : name);
  }
  return names;
}

Argument argument_of(Declared declared) {
  Argument a{std::move(declared), {}};
  if (!a.type.empty()) a.offer = offer_for(a.type);
  return a;
}

Command describe_at(const Arguments& args, std::vector<std::string> path) {
  Command command{std::move(path), args.summary(), args.footer(), {}, {}};
  for (Declared& declared : args.declared())
    command.arguments.push_back(argument_of(std::move(declared)));
  for (const Arguments& sub : args.commands()) {
    std::vector<std::string> below = command.path;
    below.push_back(sub.name());
    command.commands.push_back(describe_at(sub, std::move(below)));
  }
  return command;
}

std::map<std::string_view, Offer> all_offers() {
  using enum Offer::Paths;
  std::map<std::string_view, Offer> offers = {
      {"TEXT", {}},
      {"INT", {}},
      {"UINT", {}},
      {"FLOAT", {}},
      {"WIDTHS", {}},
      {"LIST", {}},
      {"STACK", {}},
      {"URL", {}},
      {"COLUMN", {}},
      {"FEATURE", {}},
      {"CLASS", {}},
      {"BOX", {}},
      {"EXTENTS", {}},
      {"NAME", {}},
      {"RATE", {{"auto"}}},
      {"PENALTIES", {}},
      {"SHIFT", {{"auto"}}},
      {"EPOCHS", {{"auto"}}},
      {"FILE", {.paths = files}},
      {"[FILE]", {.paths = files}},
      {"DIR", {.paths = folders}},
      {"MODEL", {.paths = files}},
      {"ID", {.words = claim_words(), .paths = files}},
      {"NETWORK", {network_words()}},
      {"SPEC", {.words = kind_words()}},
      {"SET", {set_words()}},
      {"SEVERITY", {all_names<StopOn>()}},
      {"SPLIT", {{"test", "train", "all"}}},
      {"TASK", {all_names<data::Task>()}},
      {"FORMAT", {all_names<data::SetFormat>()}},
      {"SHELL", {{"bash", "zsh", "fish"}}},
      {"KEEP", {all_names<lab::Keep>()}},
      {"RANGE", {}},
      {"NORM", {all_names<verify::Norm>()}},
      {"METHOD", {all_names<pretrain::LikelihoodMethod>()}},
      {"HOW", {all_names<pretrain::Binarise>()}},
      {"MENDS", {.words = mend_words(), .list = true}},
      {"ACTIVATION", {activation_names()}},
      {"WEIGHTS", {all_names<run::WeightPrecision>()}},
      {"KINDS", {.words = lab::pretraining_names(), .list = true}},
      {"ACTIVATIONS", {.words = activation_names(), .list = true}},
  };
  for (const train::Option& option : train::option_table())
    if (const Words names = train::choices_of(option); !names.empty())
      offers.insert({train::word_of(option), {names}});
  return offers;
}

}  // namespace

Offer offer_for(std::string_view type) {
  static const std::map<std::string_view, Offer> offers = all_offers();
  const auto found = offers.find(type);
  if (found == offers.end())
    fail("cli/describe.cpp does not know what can be typed for the type '", type, "'");
  return found->second;
}

Command describe(const Arguments& program) { return describe_at(program, {}); }

std::vector<const Command*> flatten(const Command& command) {
  std::vector<const Command*> all = {&command};
  for (const Command& sub : command.commands)
    for (const Command* below : flatten(sub)) all.push_back(below);
  return all;
}

std::string name_of(const Command& command, std::string_view between) {
  std::string name = "rectify";
  for (const std::string& word : command.path) name.append(between).append(word);
  return name;
}

}  // namespace rectify::cli
