#include "cli/training_data.h"

#include <algorithm>

#include "rectify/base/text.h"
#include "rectify/model/loss.h"
#include "rectify/train/option_table.h"
#include "rectify/train/suit.h"

namespace rectify::cli {

namespace {

bool means_numbers(const std::string& loss) {
  return loss == "mean_squared_error" || model::is_for_numbers(loss);
}

/// Whether all classes are numbers, so that they may as well be targets.
bool could_be_numbers(const data::Dataset& dataset) {
  return dataset.classes() > 0 &&
         std::ranges::all_of(dataset.class_names, [](const std::string& name) {
           return parse_number(name).has_value();
         });
}

}  // namespace

data::Dataset open_training_data(TrainingFlags& flags, ThreadPool& threads) {
  std::string& spec = flags.options.data;
  spec = data::with_task(spec, flags.task);
  data::Dataset dataset = data::open(spec, threads);
  if (!data::leaves_task_open(spec) || !means_numbers(flags.options.loss) ||
      !could_be_numbers(dataset))
    return dataset;
  spec = data::with_task(spec, data::Task::regression);
  dataset = data::open(spec, threads);
  dataset.notes.insert(dataset.notes.begin(), flags.options.loss +
                                                  " is a loss of numbers: a number is predicted "
                                                  "(regression); for classes add --task "
                                                  "classification");
  return dataset;
}

std::map<std::string, std::string, std::less<>> suit_flags(const Arguments& args,
                                                           const data::Dataset& dataset,
                                                           TrainingFlags& flags,
                                                           NetworkFlags& network,
                                                           std::vector<std::string>& notes) {
  std::map<std::string, std::string, std::less<>> changed;
  const auto is_own = [&](std::string_view name) {
    return is_given(args, train::flag_of(train::find_option(name)));
  };
  for (const std::string_view name : train::suit(flags.options, dataset, is_own)) {
    const train::Option& option = train::find_option(name);
    changed[train::flag_of(option)] = train::text_of(option, flags.options);
    if (name == "lr") flags.lr = number_text(flags.options.lr);
  }
  if (train::is_of_rows(dataset) && network.model.empty() && !is_given(args, "--hidden")) {
    network.hidden = train::suited_hidden;
    changed["--hidden"] = network.hidden;
  }
  if (changed.empty()) return changed;
  std::string list;
  for (const auto& [flag, value] : changed) list += " " + flag + " " + value;
  notes.push_back(concat("for ", count_text(static_cast<std::int64_t>(dataset.train.count)),
                         train::is_of_rows(dataset) ? " rows of numbers"
                         : dataset.ids              ? " pieces of text"
                                                    : " images",
                         ", where you chose nothing else:", list));
  return changed;
}

}  // namespace rectify::cli
