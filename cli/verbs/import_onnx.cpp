// rectify import: an ONNX model as a safetensors file.

#include <algorithm>
#include <memory>

#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/loss.h"
#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/onnx/onnx.h"

namespace rectify::cli::ops {

namespace {

struct Flags {
  std::string model, out = "model.safetensors", classes, loss;
};

void set_purpose(model::Model& model, const Flags& flags) {
  if (!flags.loss.empty()) {
    if (std::ranges::count(graph::loss_names(), flags.loss) == 0)
      fail("there is no loss '", flags.loss, "'", suggestion(flags.loss, graph::loss_names()));
    model.loss = flags.loss;
    if (flags.loss == "mean_squared_error") model.class_names.clear();
  }
  if (flags.classes.empty()) return;
  std::vector<std::string> names = split(flags.classes, ',');
  const std::int64_t outputs = model.graph.node(model.graph.result).type.shape.size();
  const auto count = static_cast<std::int64_t>(names.size());
  if (count != outputs && !(outputs == 1 && count == 2))
    fail("--classes names ", count, " classes but the model ends in ", outputs, " outputs");
  model.class_names = std::move(names);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.option("model", flags->model, "An ONNX file").type_name("FILE").required();
  args.option("--out", flags->out, "The safetensors file to write").type_name("FILE");
  args.option("--classes", flags->classes, "Names of the classes, with commas between")
      .type_name("LIST");
  args.option("--loss", flags->loss, "What it is measured by; without it, what is guessed")
      .type_name("LOSS");
  return [flags](Terminal& terminal) {
    if (!onnx::is_onnx(flags->model))
      fail("'", flags->model, "' is no ONNX file by its name, which would end in .onnx");
    model::Model model = model::load_model(flags->model);
    set_purpose(model, *flags);
    model::save(flags->out, model::to_file(model));
    const std::string text = graph::model_text(model.graph);
    if (terminal.json)
      terminal.print(Json{{"schema", 1},
                          {"model", text},
                          {"loss", model.loss},
                          {"parameters", model.layout.count()},
                          {"file", flags->out}}
                         .dump(2) +
                     "\n");
    else
      terminal.print(concat(text, "\n", count_text(static_cast<std::int64_t>(model.layout.count())),
                            " parameters, ", model.loss, ", ", flags->out, "\n"));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> import_onnx() {
  static const Verb all[] = {{"import", "Makes a model of an ONNX file",
                              "rectify import lenet5.onnx --out lenet5.safetensors", declare}};
  return all;
}

}  // namespace rectify::cli::ops
