// rectify predict: what trained weights answer, sample by sample, as CSV or JSON.

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/predictions.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/samples.h"
#include "rectify/graph/loss.h"
#include "rectify/model/file.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, ModelFlags {
  std::int64_t first = 0, count = -1;
  std::string id;
  bool probabilities = false;
};

/// A model, the samples that it is to answer, and what is known of them.
struct Task {
  model::Model model;
  data::Split split;
  Shape shape;  ///< of a sample
  SampleNotes notes;
};

std::vector<std::uint32_t> numbers_of(const Flags& flags, const data::Split& split) {
  const auto available = static_cast<std::int64_t>(split.count);
  if (flags.count < -1) fail("--count must be -1 (all) or more, not ", flags.count);
  if (flags.first < 0 || flags.first >= available)
    fail("--first must be between 0 and ", available - 1, ", not ", flags.first);
  const std::int64_t count =
      flags.count < 0 ? available - flags.first : std::min(flags.count, available - flags.first);
  std::vector<std::uint32_t> numbers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<std::uint32_t>(flags.first) + static_cast<std::uint32_t>(i);
  return numbers;
}

/// Labels as names, or targets as numbers, of which each sample has one.
std::vector<std::string> actual_of(const data::Dataset& dataset, const data::Split& split) {
  std::vector<std::string> actual;
  for (const std::int32_t label : split.labels)
    actual.push_back(dataset.class_names[static_cast<std::size_t>(label)]);
  if (dataset.target_width == 1)
    for (const float target : split.targets) actual.push_back(number_text(target));
  return actual;
}

/// A split of a data set, as in training.
Task from_split(const Flags& flags, ThreadPool& threads) {
  if (!flags.id.empty()) fail("--id names a column of a table: give the table with --data FILE");
  Loaded loaded = load_with_data(flags, threads, Wanted::answers);
  data::Dataset& dataset = loaded.dataset;
  if (dataset.label_width != 1)
    fail("predict writes one answer a sample, but samples of ", dataset.spec, " have ",
         dataset.label_width);
  Task task{std::move(loaded.model), {}, dataset.sample_shape, {}};
  data::Split split = split_of(dataset, flags.split);
  task.notes.actual = actual_of(dataset, split);
  task.split = std::move(split);
  return task;
}

std::string standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

/// All samples of a file, a folder or standard input.
Task from_source(const Flags& flags, ThreadPool& threads, Terminal& terminal) {
  Task task{model::load_model(train::model_file(flags.model, flags.last), flags.onnx), {}, {}, {}};
  const model::Model& model = task.model;
  const Shape& answer = model.graph.node(model.graph.result).type.shape;
  const std::int64_t labels = graph::rows_of(answer).size();
  if (!model.class_names.empty() && labels != 1)
    fail("predict writes one answer a sample, but '", flags.model, "' gives ", labels);
  task.shape = model::sample_shape(model);
  const data::SampleRequest wanted{
      .shape = task.shape, .table = &model.table, .classes = &model.class_names, .id = flags.id};
  data::Samples samples = flags.data == "-"
                              ? data::samples_of_csv(standard_input(), wanted, "standard input")
                              : data::read_samples(flags.data, wanted, threads);
  if (!flags.id.empty() && samples.ids.empty())
    fail("--id names a column of a table, but '", flags.data, "' is none");
  for (const std::string& note : samples.notes) terminal.say(note);
  task.split = std::move(samples.split);
  task.notes = {samples.unit == "sample" ? "" : samples.unit, std::move(samples.places), flags.id,
                std::move(samples.ids), std::move(samples.actual)};
  if (task.notes.unit.empty()) task.notes.places.clear();  // the index says it already
  return task;
}

/// An answer file takes the place of one that is there, but not of what it is the answer to.
void refuse_own_input(const Flags& flags) {
  if (flags.out.empty()) return;
  std::string parts = flags.model + ":" + flags.data;
  std::ranges::replace(parts, ',', ':');
  std::error_code ignored;
  for (const std::string& part : split(parts, ':'))
    if (std::filesystem::equivalent(part, flags.out, ignored))
      fail("--out '", flags.out, "' is what is read; give another file");
}

void declare_flags(Arguments args, Flags& flags) {
  declare_model(
      args, flags,
      ", or a table, picture or folder of pictures, of which every sample is answered; - is "
      "a table on standard input");
  declare_weights_as(args, flags.weights_as);
  args.option("--id", flags.id, "Of a table: a column that is written beside each answer")
      .type_name("COLUMN");
  args.flag("--probabilities", flags.probabilities, "Of all classes, not of the likeliest alone");
  args.option("--first", flags.first, "First sample");
  args.option("--count", flags.count, "Samples; -1 is all");
  args.option("--out", flags.out,
              "File for the answers, in place of one that is there; without it, standard output")
      .type_name("FILE");
  declare_threads(args, flags);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_flags(args, *flags);
  return [flags, args](Terminal& terminal) {
    refuse_own_input(*flags);
    ThreadPool threads(flags->threads);
    const bool whole = flags->data == "-" || data::has_samples(flags->data);
    if (whole && is_given(args, "--split") && !flags->data.starts_with("csv:"))
      fail("--split is for a SPEC such as csv:FILE:LABEL; of '", flags->data,
           "' every sample is answered");
    Task task = whole && !is_given(args, "--split") ? from_source(*flags, threads, terminal)
                                                    : from_split(*flags, threads);
    const std::vector<std::uint32_t> numbers = numbers_of(*flags, task.split);
    const model::Answers answers = model::answer(
        task.model, task.split, numbers, {flags->views, task.shape}, threads, flags->weights_as);
    const Predictions predictions{task.model, answers, numbers, std::move(task.notes),
                                  flags->probabilities};
    const std::string text = terminal.json
                                 ? predictions.json().dump(2, Json::BadText::replace) + "\n"
                                 : predictions.csv();
    if (flags->out.empty())
      terminal.print(text);
    else
      write_file(flags->out, text);
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> predict() {
  static const Verb all[] = {{"predict", "Prints what trained weights answer for every sample",
                              "rectify predict houses --data new-houses.csv --id street", declare}};
  return all;
}

}  // namespace rectify::cli::ops
