// rectify inspect: layers, shapes, parameters, work and memory of a network, without running it.

#include <memory>
#include <optional>

#include "cli/columns.h"
#include "cli/loading.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/model/file.h"
#include "rectify/model/model.h"
#include "rectify/pass/differentiate.h"
#include "rectify/run/plan.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/train/memory.h"

namespace rectify::cli::ops {

namespace {

struct Flags {
  std::string model;
  std::int64_t batch = 128;
  bool last = false;
  onnx::ReadOptions onnx;
};

struct Line {
  std::string label, op, shape;
  std::vector<std::string> inputs;  ///< labels of what it is computed from
  graph::Cost cost;
};

struct Numbers {
  std::string model;
  std::vector<Line> lines;
  graph::Cost total;
  std::int64_t parameter_bytes = 0, inference_bytes = 0;
  train::TrainingMemory training;
  bool forward_only = false;  ///< whether it cannot be trained
};

Numbers look_into(const graph::Graph& graph, std::int64_t batch) {
  Numbers n{.model = graph::model_text(graph)};
  for (graph::NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (node.op->part || (node.op->given && node.op->name != "input")) continue;
    Line line{node.label, std::string(node.op->name), node.type.shape.text(), {}, {}};
    if (node.op->cost) line.cost = node.op->cost(graph, node);
    for (const graph::NodeId input : node.inputs) {
      const graph::Node& from = graph.node(input);
      if (from.op->name == "parameter")
        line.cost.parameters += from.type.shape.size();
      else if (!from.op->part && (!from.op->given || from.op->name == "input"))
        line.inputs.push_back(from.label);
    }
    n.total.forward_flops += line.cost.forward_flops;
    n.total.gradient_flops += line.cost.gradient_flops;
    n.total.parameters += line.cost.parameters;
    n.lines.push_back(std::move(line));
  }
  n.parameter_bytes =
      static_cast<std::int64_t>(run::ParameterLayout(graph).floats() * sizeof(float));
  const run::PlanOptions inference{.batch = batch, .keep = {graph.result}};
  n.inference_bytes =
      n.parameter_bytes +
      static_cast<std::int64_t>(run::Plan::arena_floats(graph, inference) * sizeof(float));
  n.forward_only = pass::without_gradient(graph) != nullptr;
  if (!n.forward_only) n.training = train::training_memory(graph, batch);
  return n;
}

/// Below a layer that does not just follow the line above: what it is computed from.
std::string inputs_text(const Line& line, const std::string& above) {
  if (line.inputs.empty() || line.inputs == std::vector{above}) return "";
  std::string text = "<-";
  for (const std::string& input : line.inputs) text += " " + input;
  return wrapped(text, "  ");
}

std::string training_text(const Numbers& n) {
  if (n.forward_only) return "; it can be used but not trained";
  return concat(", training with momentum ", bytes_text(n.training.total()), " (program ",
                bytes_text(n.training.program), ", parameters ", bytes_text(n.training.parameters),
                ", values ", bytes_text(n.training.arena), ", scratch ",
                bytes_text(n.training.scratch), ") and its data");
}

std::string text_of(const Numbers& n, std::int64_t batch) {
  std::string text = n.model + "\n\n" + padded("layer", 18, false) + padded("output", 14, false) +
                     padded("parameters", 14, true) + padded("forward", 14, true) +
                     padded("gradient", 14, true) + "\n";
  const auto row = [&](const std::string& label, const std::string& shape, const graph::Cost& c) {
    text += padded(label, 18, false) + padded(shape, 14, false) +
            padded(count_text(c.parameters), 14, true) + padded(scaled(c.forward_flops), 14, true) +
            padded(scaled(c.gradient_flops), 14, true) + "\n";
  };
  std::string above;
  for (const Line& line : n.lines) {
    row(line.label, line.shape, line.cost);
    text += inputs_text(line, above);
    above = line.label;
  }
  row("total", "", n.total);
  return text + "\nFLOPs are for one sample.\n" +
         wrapped(concat("parameters ", bytes_text(n.parameter_bytes), "; at batch ", batch,
                        ": inference ", bytes_text(n.inference_bytes), training_text(n)),
                 "");
}

Json json_of(const Numbers& n, std::int64_t batch) {
  Json layers = Json::array();
  for (const Line& line : n.lines)
    layers.push_back({{"label", line.label},
                      {"operator", line.op},
                      {"inputs", line.inputs},
                      {"output", line.shape},
                      {"parameters", line.cost.parameters},
                      {"forward_flops", line.cost.forward_flops},
                      {"gradient_flops", line.cost.gradient_flops}});
  Json json = {{"schema", 1},
               {"model", n.model},
               {"layers", layers},
               {"parameters", n.total.parameters},
               {"forward_flops", n.total.forward_flops},
               {"gradient_flops", n.total.gradient_flops},
               {"batch", batch},
               {"parameter_bytes", n.parameter_bytes},
               {"inference_bytes", n.inference_bytes},
               {"trainable", !n.forward_only}};
  const auto training = [&](const char* name, auto bytes) {
    json[name] = n.forward_only ? Json() : Json(bytes);
  };
  training("training_bytes", n.training.total());
  training("training_program_bytes", n.training.program);
  training("training_parameter_bytes", n.training.parameters);
  training("training_arena_bytes", n.training.arena);
  training("training_scratch_bytes", n.training.scratch);
  return json;
}

/// A line for each scaling.
std::string scalings_text(const std::string& title, const std::vector<std::string>& names,
                          const std::vector<data::Scaling>& scalings) {
  std::string text = "\n" + padded(title, 32, false) + padded("mean", 14, true) +
                     padded("deviation", 14, true) + "\n";
  for (std::size_t i = 0; i < scalings.size(); ++i) {
    const data::Scaling by = scalings[i];
    text += padded(names[i], 32, false) + padded(fixed_text(by.mean, 4), 14, true) +
            padded(by.scale == 0 ? "constant" : fixed_text(1 / by.scale, 4), 14, true) + "\n";
  }
  return text;
}

Json scalings_json(const std::vector<std::string>& names,
                   const std::vector<data::Scaling>& scalings) {
  Json list = Json::array();
  for (std::size_t i = 0; i < scalings.size(); ++i)
    list.push_back({{"name", names[i]},
                    {"mean", scalings[i].mean},
                    {"deviation", scalings[i].scale == 0 ? 0 : 1 / scalings[i].scale}});
  return list;
}

std::vector<std::string> target_names(const model::Model& model) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < model.normalisation.targets.size(); ++i)
    names.push_back(concat("target ", i));
  return names;
}

/// The features of flat samples, which have no names, by their positions.
std::vector<std::string> feature_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(concat("feature ", i));
  return names;
}

/// How a trained model takes columns or features that have their own scale, and what its answers
/// are scaled by.
void add_scalings(const model::Model& model, std::string& text, Json& json) {
  const data::Normalisation& by = model.normalisation;
  if (!model.columns.empty()) {
    text += scalings_text("column", model.columns, by.inputs);
    json["columns"] = scalings_json(model.columns, by.inputs);
  }
  const Shape& sample = model.graph.node(model.graph.find("input")).type.shape;
  if (model.columns.empty() && sample.rank() == 1 && by.inputs.size() > 1) {
    const std::vector<std::string> names = feature_names(by.inputs.size());
    text += scalings_text("feature", names, by.inputs);
    json["features"] = scalings_json(names, by.inputs);
  }
  if (by.targets.empty()) return;
  text += scalings_text("target", target_names(model), by.targets);
  json["targets"] = scalings_json(target_names(model), by.targets);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.option("model", flags->model,
              "Model text, its name in `rectify models`, a safetensors or ONNX file, or the folder "
              "of a "
              "run")
      .type_name("MODEL")
      .required();
  args.option("--batch", flags->batch, "Samples at once, for the memory");
  args.flag("--last", flags->last, "Of a run's folder: the last weights instead of the best");
  declare_onnx(args, flags->onnx);
  return [flags](Terminal& terminal) {
    if (flags->batch < 1 || flags->batch > 1 << 20)
      fail("--batch must be between 1 and ", 1 << 20, ", not ", flags->batch);
    const bool text = is_network_text(flags->model);
    std::optional<model::Model> model;  // a text alone needs no memory for its parameters
    if (!text) model = model::load_model(train::model_file(flags->model, flags->last), flags->onnx);
    const Numbers numbers = look_into(
        model ? model->graph : graph::parse_model(graph::network_text(flags->model)), flags->batch);
    std::string lines = text_of(numbers, flags->batch);
    Json json = json_of(numbers, flags->batch);
    if (model) add_scalings(*model, lines, json);
    terminal.print(terminal.json ? json.dump(2) + "\n" : lines);
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> inspect() {
  static const Verb all[] = {{"inspect",
                              "Shows layers, shapes, parameters, FLOPs and memory of a network",
                              "rectify inspect '784 : dense 1000 | relu | dense 10'", declare}};
  return all;
}

}  // namespace rectify::cli::ops
