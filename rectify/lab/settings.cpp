#include "rectify/lab/settings.h"

#include <algorithm>

#include "rectify/base/enumeration.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/machine.h"
#include "rectify/base/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/run/backend.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/optimise/schedule.h"
#include "rectify/train/option_table.h"

namespace rectify::lab {

namespace {

/// What a comparison sets for each of its runs, so that the options say nothing of it.
bool is_of_one_run(const train::Option& option) {
  return option.name == "model" || option.name == "seed" || option.name == "weights";
}

train::Options with_numbers_found(const train::Options& options) {
  train::Options found = train::with_usual_numbers(options);
  found.warmup = train::warmup_epochs(options);
  return found;
}

std::string widths_text(const std::vector<std::int64_t>& widths) {
  std::string text;
  for (const std::int64_t width : widths) text += (text.empty() ? "" : ",") + std::to_string(width);
  return text;
}

std::string penalties_text(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) text += (text.empty() ? "" : ",") + number_text(number);
  return text;
}

/// "rbm; dae; 10 epochs a layer"; empty where no network is pretrained. One text for all kinds:
/// results.json has settings by name, which must differ.
std::string pretraining_text(const CompareOptions& options) {
  std::string kinds;
  for (const std::string& name : options.pretraining)
    if (name != "none") kinds += name + "; ";
  if (kinds.empty()) return {};
  return concat(kinds, options.pretraining_epochs,
                options.pretraining_epochs == 1 ? " epoch" : " epochs", " a layer");
}

std::vector<report::Setting> of_comparing(const CompareOptions& options) {
  const char* group = "Comparison";
  std::vector<report::Setting> all;
  if (options.model.empty()) {  // else each activation's network says all
    const std::string widths = widths_text(options.hidden);
    all.push_back({"hidden", widths, group, widths == graph::usual_hidden});
    const std::string pretraining = pretraining_text(options);
    if (!pretraining.empty()) all.push_back({"pretraining", pretraining, group, false});
    all.push_back({"dropout", number_text(options.dropout), group, options.dropout == 0});
  }
  const CompareOptions usual;
  all.push_back({"seeds", std::to_string(options.seeds), group, options.seeds == usual.seeds});
  return all;
}

/// An option and its value. `usual`: the options that nobody asked to be otherwise.
report::Setting setting_of(const train::Option& option, const train::Options& options,
                           const train::Options& usual) {
  const std::string value = train::text_of(option, with_numbers_found(options));
  return {.name = std::string(option.title),
          .value = value.empty() ? "none" : value,
          .group = std::string(name_of(option.group)),
          .usual = train::text_of(option, options) == train::text_of(option, usual)};
}

}  // namespace

std::vector<report::Setting> settings(const CompareOptions& options) {
  std::vector<report::Setting> all = of_comparing(options);
  for (const train::Group group : all_values<train::Group>())
    for (const train::Option* option : train::options_of(group)) {
      if (is_of_one_run(*option)) continue;
      report::Setting setting = setting_of(*option, options.train, usual_training());
      if (option->name == "lr") {
        setting.usual = options.search;
        if (options.search) setting.value = "auto, by search on validation";
      }
      if (option->name == "l1" && !options.penalties.empty()) {
        setting.value = penalties_text(options.penalties);
        setting.usual = options.penalties == std::vector<double>{0};
      }
      all.push_back(std::move(setting));
    }
  return all;
}

std::vector<report::Setting> settings_of(const pretrain::Options& options,
                                         const data::Dataset& dataset) {
  pretrain::Options usual;
  usual.train.normalise = pretrain::suited_normaliser(options.stack, dataset);
  const char* group = "Pretraining";
  std::vector<report::Setting> all = {
      {"stack", options.stack, group},
      {"slow epochs", std::to_string(options.slow_epochs), group,
       options.slow_epochs == usual.slow_epochs},
      {"epochs unrolled", std::to_string(options.unroll), group, options.unroll == usual.unroll},
      {"rate unrolled", number_text(options.unroll_lr), group,
       options.unroll_lr == usual.unroll_lr}};
  const std::vector<std::string_view> unread = pretrain::unread_options();
  for (const train::Group part : all_values<train::Group>())
    for (const train::Option* option : train::options_of(part)) {
      if (std::ranges::count(unread, option->name)) continue;
      report::Setting setting = setting_of(*option, options.train, usual.train);
      if (option->name == "lr") {
        setting.usual = options.usual_rate;
        if (options.usual_rate) setting.value = "usual, by the kind of layer";
      }
      all.push_back(std::move(setting));
    }
  return all;
}

std::vector<std::pair<std::string, std::string>> data_facts(const data::Dataset& dataset,
                                                            const data::Partition& partition) {
  const auto count = [](std::size_t n) { return count_text(static_cast<std::int64_t>(n)); };
  return {{"spec", dataset.spec},
          {"sample shape", dataset.sample_shape.text()},
          {"training samples", count(partition.train.size())},
          {"validation samples", count(partition.validation.size())},
          {"test samples", count(dataset.test.count)}};
}

std::vector<std::pair<std::string, std::string>> machine_facts() {
  return {{"processor", processor_name()},
          {"instruction set", std::string(instruction_set())},
          {"oneDNN", run::onednn_version()}};
}

std::vector<report::Setting> settings_of(const train::Options& options, train::Options usual) {
  std::vector<report::Setting> all;
  if (options.optimizer != usual.optimizer || options.batch != usual.batch)
    usual.lr = train::usual_rate(options);
  usual.model = options.model;  // there is no usual network
  for (const train::Group group : all_values<train::Group>())
    for (const train::Option* option : train::options_of(group))
      all.push_back(setting_of(*option, options, usual));
  return all;
}

}  // namespace rectify::lab
