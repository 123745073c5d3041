// rectify bench: what each step of a network takes, and how far that is from what the machine could
// do.

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
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

using Json = nlohmann::ordered_json;

struct Flags : CommonFlags {
  std::string profile;
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

std::string cell(const std::string& text, std::size_t width, bool right) {
  if (text.size() > width) return text.substr(0, width);
  const std::string space(width - text.size(), ' ');
  return right ? space + text : text + space;
}

std::string figure(double value) { return fixed_text(value, value < 10 ? 2 : value < 100 ? 1 : 0); }

std::string row(const std::vector<std::string>& cells) {
  constexpr std::size_t widths[] = {23, 8, 16, 8, 5, 7, 6};  // 79 with the blanks between
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i)
    line += (i ? " " : "") + cell(cells[i], widths[i], i > 2);
  return line + "\n";
}

std::string text_of(const lab::Profile& found, const lab::Roofline& roofline) {
  std::string text = row({"step", "by", "shape", "us", "%", "GFLOP/s", "% roof"});
  const auto runs = static_cast<double>(found.runs);
  double inside = 0;
  for (const run::StepProfile& step : found.steps) {
    const double seconds = step.seconds / runs;
    inside += seconds;
    text +=
        row({step.label + (step.fused ? concat(" +", step.fused) : ""), step.implementation,
             step.shape, figure(1e6 * seconds), fixed_text(100 * step.seconds / found.seconds, 1),
             figure(1e-9 * step.flops / seconds),
             fixed_text(100 * roofline.seconds(step.flops, step.bytes) / seconds, 0)});
  }
  const double all = found.seconds / runs;
  text += row({"between the steps", "", "", figure(1e6 * (all - inside)),
               fixed_text(100 * (all - inside) / all, 1)});
  text += row({"all", "", "", figure(1e6 * all), "100"});
  return text +
         concat("\n+N: with N element-wise values computed along. Roof: ",
                figure(1e-9 * roofline.flops), " GFLOP/s, ", figure(1e-9 * roofline.bytes),
                " GB/s\nfrom memory; over 100 % what is read comes from a cache, or Winograd's "
                "algorithm\nsaves products. Mean of ",
                found.runs, " runs.\n");
}

Json json_of(const lab::Profile& found, const lab::Roofline& roofline) {
  Json steps = Json::array();
  for (const run::StepProfile& step : found.steps) {
    const double seconds = step.seconds / static_cast<double>(found.runs);
    steps.push_back({{"label", step.label},
                     {"operator", step.op},
                     {"implementation", step.implementation},
                     {"shape", step.shape},
                     {"fused", step.fused},
                     {"seconds", seconds},
                     {"share", step.seconds / found.seconds},
                     {"flops", step.flops},
                     {"bytes", step.bytes},
                     {"flops_per_second", step.flops / seconds},
                     {"roofline", roofline.seconds(step.flops, step.bytes) / seconds}});
  }
  return {{"schema", 1},
          {"runs", found.runs},
          {"seconds", found.seconds / static_cast<double>(found.runs)},
          {"peak_flops_per_second", roofline.flops},
          {"memory_bytes_per_second", roofline.bytes},
          {"steps", steps}};
}

Action declare(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option(
         "--profile", flags->profile,
         "Times each step of it: model text, a safetensors or ONNX file, or the folder of a run")
      ->type_name("MODEL")
      ->required();
  app.add_option("--batch", flags->options.batch, "Samples at once");
  add_named(app, "--precision", flags->options.precision, "Of products: fp32, bf16")
      ->type_name("PRECISION");
  app.add_flag("--inference", flags->inference,
               "Forward only, instead of a training step with SGD");
  declare_threads(app, *flags);
  return [flags](Terminal& terminal) {
    ThreadPool threads(flags->threads);
    model::Model model = model_of(flags->profile);
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
