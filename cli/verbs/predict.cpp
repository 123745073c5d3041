// rectify predict: what trained weights answer, sample by sample, as CSV or JSON.

#include <algorithm>
#include <cmath>
#include <memory>

#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/model/errors.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/model.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, ModelFlags {
  std::int64_t first = 0, count = -1;
};

/// Probability of the predicted class under the loss's own model; NaN where it has none.
double confidence(std::span<const float> z, std::int32_t guess, const std::string& loss) {
  if (guess < 0) return std::nan("");
  if (loss == "softmax_cross_entropy") {
    double sum = 0;
    for (const float v : z) sum += std::exp(static_cast<double>(v) - z[guess]);
    return 1 / sum;
  }
  if (loss != "sigmoid_cross_entropy") return std::nan("");
  const double own = z.size() == 1 ? (guess == 1 ? z[0] : -z[0]) : z[guess];
  return 1 / (1 + std::exp(-own));
}

/// A field of a CSV line, in quotes where it must be.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

struct Answer {
  std::uint32_t index;
  std::span<const float> outputs;
  std::int32_t guess;
  double probability;
};

std::string csv_of(const std::vector<Answer>& answers, const model::Model& model,
                   const data::Split& split) {
  const bool classes = !model.class_names.empty();
  std::string text = classes ? "index,predicted,probability,actual\n" : "index,outputs\n";
  for (const Answer& a : answers) {
    text += std::to_string(a.index);
    if (classes) {
      text += "," + (a.guess < 0 ? std::string() : csv_field(model.class_names[a.guess])) + "," +
              (std::isnan(a.probability) ? std::string() : fixed_text(a.probability, 6)) + "," +
              csv_field(model.class_names[split.labels[a.index]]);
    } else {
      for (const float z : a.outputs) text += "," + number_text(z);
    }
    text += "\n";
  }
  return text;
}

Json json_of(const std::vector<Answer>& answers, const model::Model& model,
             const data::Split& split) {
  Json list = Json::array();
  for (const Answer& a : answers) {
    Json item = {{"index", a.index}, {"outputs", a.outputs}};
    if (!model.class_names.empty()) {
      item["predicted"] = a.guess < 0 ? Json() : Json(model.class_names[a.guess]);
      item["probability"] = a.probability;
      item["actual"] = model.class_names[split.labels[a.index]];
    }
    list.push_back(std::move(item));
  }
  return {{"schema", 1}, {"predictions", list}};
}

std::vector<std::uint32_t> rows_of(const Flags& flags, const data::Split& split) {
  const auto available = static_cast<std::int64_t>(split.count);
  if (flags.count < -1) fail("--count must be -1 (all) or more, not ", flags.count);
  if (flags.first < 0 || flags.first >= available)
    fail("--first must be between 0 and ", available - 1, ", not ", flags.first);
  const std::int64_t count =
      flags.count < 0 ? available - flags.first : std::min(flags.count, available - flags.first);
  std::vector<std::uint32_t> rows(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<std::uint32_t>(flags.first) + static_cast<std::uint32_t>(i);
  return rows;
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_model(args, *flags);
  args.option("--first", flags->first, "First sample");
  args.option("--count", flags->count, "Samples; -1 is all");
  args.option("--out", flags->out, "File for the CSV; without it, standard output")
      .type_name("FILE");
  declare_threads(args, *flags);
  return [flags](Terminal& terminal) {
    ThreadPool threads(flags->threads);
    Loaded loaded = load_with_data(*flags, threads);
    if (loaded.dataset.label_width != 1)
      fail("predict writes one answer a sample, but samples of ", loaded.dataset.spec, " have ",
           loaded.dataset.label_width);
    const data::Split& split = split_of(loaded.dataset, flags->split);
    const std::vector<std::uint32_t> rows = rows_of(*flags, split);
    model::Model& model = loaded.model;
    model::Evaluator evaluator = evaluator_of(loaded, *flags, threads);
    std::vector<float> outputs = evaluator.outputs_of(model.graph.node(model.graph.result).label,
                                                      split, rows, model.normalisation);
    data::to_targets(outputs, model.normalisation.targets);
    const std::size_t width = rows.empty() ? 0 : outputs.size() / rows.size();
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto z = std::span<const float>(outputs).subspan(i * width, width);
      const std::int32_t guess =
          loaded.model.class_names.empty() ? -1 : model::predicted_class(z, loaded.model.loss);
      answers.push_back({rows[i], z, guess, confidence(z, guess, loaded.model.loss)});
    }
    const std::string text = terminal.json ? json_of(answers, loaded.model, split).dump(2) + "\n"
                                           : csv_of(answers, loaded.model, split);
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
                              "rectify predict mnist-relu --data mnist:data/mnist --count 10",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
