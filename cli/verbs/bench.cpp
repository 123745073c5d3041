// rectify bench: what each step of a network takes, and how far that is from what the machine could
// do.

#include <memory>
#include <optional>

#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/lab/profile.h"
#include "rectify/lab/roofline.h"
#include "rectify/model/file.h"
#include "rectify/model/model.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/train/initialise.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags {
  std::string profile, data;
  lab::ProfileOptions options;
  bool inference = false;
};

model::Model model_of(const std::string& text_or_path) {
  if (!is_network_text(text_or_path))
    return model::load_model(train::model_file(text_or_path, false));
  model::Model model(graph::network_text(text_or_path));
  ThreadPool threads;
  train::initialise(model.graph, model.layout, 1, "auto", threads, model.parameters.data());
  return model;
}

/// With the data that it is to be fed.
model::Model trained_model_of(const Flags& flags, ThreadPool& threads,
                              std::optional<data::Dataset>& dataset) {
  if (is_network_text(flags.profile))
    fail("--data is for a trained model, which knows how its samples are scaled; ", flags.profile,
         " is a network's text");
  Loaded loaded = load_with_data({.model = flags.profile, .data = flags.data}, threads);
  dataset = std::move(loaded.dataset);
  return std::move(loaded.model);
}

std::string cell(const std::string& text, std::size_t width, bool right) {
  if (text.size() > width) return text.substr(0, width);
  const std::string space(width - text.size(), ' ');
  return right ? space + text : text + space;
}

std::string figure(double value) { return fixed_text(value, value < 10 ? 2 : value < 100 ? 1 : 0); }

/// Microseconds in at most five characters: "0.35", "8420", "161k".
std::string microseconds(double value) {
  if (value < 99999.5) return figure(value);
  return value < 9.9995e6 ? fixed_text(value / 1e3, 0) + "k" : fixed_text(value / 1e6, 0) + "M";
}

double zero_share(const run::FactorZeros& zeros) {
  return 1 - static_cast<double>(zeros.nonzeros) / static_cast<double>(zeros.numbers);
}

/// "81 -": zeros of the factor that was counted, in percent, which all runs left out.
std::string zeros_of(const run::FactorZeros& zeros, std::int64_t runs) {
  if (zeros.numbers == 0) return "";
  return fixed_text(100 * zero_share(zeros), 0) + (zeros.left_out == runs ? " -" : "");
}

std::string row(const std::vector<std::string>& cells) {
  constexpr std::size_t widths[] = {19, 7, 16, 6, 5, 5, 7, 6};  // 78 with the blanks between
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i)
    line += (i ? " " : "") + cell(cells[i], widths[i], i > 2);
  return line + "\n";
}

std::string text_of(const lab::Profile& found, const lab::Roofline& roofline) {
  std::string text = row({"step", "by", "shape", "zeros", "us", "%", "GFLOP/s", "% roof"});
  const auto runs = static_cast<double>(found.runs);
  double inside = 0;
  for (const run::StepProfile& step : found.steps) {
    const double seconds = step.seconds / runs;
    inside += seconds;
    text +=
        row({step.label + (step.fused ? concat(" +", step.fused) : ""), step.implementation,
             step.shape, zeros_of(step.zeros, found.runs), microseconds(1e6 * seconds),
             fixed_text(100 * step.seconds / found.seconds, 1), figure(1e-9 * step.flops / seconds),
             fixed_text(100 * roofline.seconds(step.flops, step.bytes) / seconds, 0)});
  }
  const double all = found.seconds / runs;
  text += row({"between the steps", "", "", "", microseconds(1e6 * (all - inside)),
               fixed_text(100 * (all - inside) / all, 1)});
  text += row({"all", "", "", "", microseconds(1e6 * all), "100"});
  return text +
         concat("\n+N: with N element-wise values computed along. k: thousands.\nRoof: ",
                figure(1e-9 * roofline.flops), " GFLOP/s, ", figure(1e-9 * roofline.bytes),
                " GB/s from memory; over 100 % what is read comes\nfrom a cache, or Winograd's "
                "algorithm saves products, or zeros are left out\n(-: in all runs). Mean of ",
                found.runs, " runs.\n");
}

Json json_of(const lab::Profile& found, const lab::Roofline& roofline) {
  Json steps = Json::array();
  for (const run::StepProfile& step : found.steps) {
    const double seconds = step.seconds / static_cast<double>(found.runs);
    Json json = {{"label", step.label},
                 {"operator", step.op},
                 {"implementation", step.implementation},
                 {"shape", step.shape},
                 {"fused", step.fused},
                 {"seconds", seconds},
                 {"share", step.seconds / found.seconds},
                 {"flops", step.flops},
                 {"bytes", step.bytes},
                 {"flops_per_second", step.flops / seconds},
                 {"roofline", roofline.seconds(step.flops, step.bytes) / seconds}};
    if (step.zeros.numbers > 0)
      json["zeros"] = {
          {"share", zero_share(step.zeros)},
          {"left_out", static_cast<double>(step.zeros.left_out) / static_cast<double>(found.runs)}};
    steps.push_back(std::move(json));
  }
  return {{"schema", 1},
          {"runs", found.runs},
          {"seconds", found.seconds / static_cast<double>(found.runs)},
          {"peak_flops_per_second", roofline.flops},
          {"memory_bytes_per_second", roofline.bytes},
          {"steps", steps}};
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.option(
          "--profile", flags->profile,
          "Times each step of it: model text, a safetensors or ONNX file, or the folder of a run")
      .type_name("MODEL")
      .required();
  args.option("--data", flags->data,
              "Feeds training samples of it, for a trained MODEL; without it random ones")
      .type_name("SPEC");
  args.option("--batch", flags->options.batch, "Samples at once");
  named_option(args, "--precision", flags->options.precision, "Of products: fp32, bf16")
      .type_name("PRECISION");
  named_option(args, "--sparse", flags->options.sparse,
               "Whether products leave zeros out where that is faster: auto, off")
      .type_name("SPARSE");
  args.flag("--inference", flags->inference, "Forward only, instead of a training step with SGD");
  declare_threads(args, *flags);
  return [flags](Terminal& terminal) {
    ThreadPool threads(flags->threads);
    std::optional<data::Dataset> dataset;
    model::Model model =
        flags->data.empty() ? model_of(flags->profile) : trained_model_of(*flags, threads, dataset);
    flags->options.data = dataset ? &*dataset : nullptr;
    flags->options.training = !flags->inference;
    const lab::Roofline roofline = lab::measure_roofline(flags->options.precision, threads);
    const lab::Profile found = lab::profile(model, flags->options, threads);
    terminal.print(terminal.json ? json_of(found, roofline).dump(2) + "\n"
                                 : text_of(found, roofline));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> bench() {
  static const Verb all[] = {{"bench", "Times the steps of a network against the machine's limits",
                              "rectify bench --profile '784 : dense 1000 | relu | dense 10'",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
