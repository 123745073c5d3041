#include "cli/training_data.h"

#include <algorithm>

#include "rectify/base/text.h"
#include "rectify/model/loss.h"

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

}  // namespace rectify::cli
