// rectify models: the networks that come with the program.

#include "cli/columns.h"
#include "cli/verb.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"

namespace rectify::cli::ops {

namespace {

std::string input_of(const graph::Graph& graph) {
  return graph.node(graph.find("input")).type.shape.text();
}

std::string table() {
  std::string text = padded("model", 20, false) + padded("input", 12, false) +
                     padded("parameters", 16, true) + padded("forward", 14, true) +
                     padded("gradient", 14, true) + "\n";
  for (const graph::ZooModel& model : graph::zoo()) {
    const graph::Graph graph = graph::parse_model(model.text);
    const graph::Cost cost = graph::total_cost(graph);
    text += padded(model.name, 20, false) + padded(input_of(graph), 12, false) +
            padded(count_text(cost.parameters), 16, true) +
            padded(scaled(cost.forward_flops), 14, true) +
            padded(scaled(cost.gradient_flops), 14, true) + "\n" + wrapped(model.summary, "  ");
  }
  return text + "\nFLOPs are for one sample. `rectify inspect NAME` shows the layers.\n";
}

Json json() {
  Json models = Json::array();
  for (const graph::ZooModel& model : graph::zoo()) {
    const graph::Graph graph = graph::parse_model(model.text);
    const graph::Cost cost = graph::total_cost(graph);
    models.push_back({{"name", model.name},
                      {"summary", model.summary},
                      {"model", graph::model_text(graph)},
                      {"input", input_of(graph)},
                      {"parameters", cost.parameters},
                      {"forward_flops", cost.forward_flops},
                      {"gradient_flops", cost.gradient_flops}});
  }
  return {{"schema", 1}, {"models", models}};
}

Action declare(Arguments) {
  return [](Terminal& terminal) {
    terminal.print(terminal.json ? json().dump(2) + "\n" : table());
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> models() {
  static const Verb all[] = {
      {"models", "Lists the networks that come with the program, for --model and inspect",
       "rectify models", declare}};
  return all;
}

}  // namespace rectify::cli::ops
