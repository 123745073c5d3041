// rectify import: an ONNX model as a safetensors file.

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/flags.h"
#include "cli/model_out.h"
#include "cli/onnx_flags.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/loss.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/model/interchange.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/onnx/onnx.h"
#include "rectify/pass/differentiate.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags {
  std::string model, classes, loss;
  onnx::ReadOptions onnx;
};

void set_loss(model::Model& model, const std::string& loss) {
  if (std::ranges::count(graph::loss_names(), loss) == 0)
    fail("there is no loss '", loss, "'", suggestion(loss, graph::loss_names()));
  if (loss == "softmax_cross_entropy" && model::outputs_in_row(model) == 1)
    fail("--loss ", loss, " wants an output for each class but the model ends in 1; take ",
         "sigmoid_cross_entropy for two classes, mean_squared_error for a number");
  model.loss = loss;
  if (loss == "mean_squared_error" || model::is_for_numbers(loss)) model.class_names.clear();
}

/// "cat, dog" as names. Throws Error for one that is empty or stands there twice.
std::vector<std::string> parse_classes(const std::string& list) {
  std::vector<std::string> names;
  for (const std::string& part : split(list, ',')) {
    std::string name(trim(part));
    if (name.empty()) fail("--classes has an empty name in '", list, "'; give each class a name");
    if (std::ranges::count(names, name) > 0)
      fail("--classes names '", name, "' twice; give each class a name of its own");
    names.push_back(std::move(name));
  }
  return names;
}

void set_classes(model::Model& model, const std::string& list) {
  std::vector<std::string> names = parse_classes(list);
  if (model::is_for_numbers(model.loss))
    fail("--classes are for a classifier but the loss ", model.loss,
         " is for numbers; leave them out, or take another --loss");
  if (!model::fits_classes(model, names.size()))
    fail("--classes names ", names.size(), " classes but the model ends in ",
         model::outputs_in_row(model), " outputs; name one for each, two for a single one");
  model.class_names = std::move(names);
}

/// Throws Error for files of the wrong kind, and for one that is not to be written.
void check_files(const Flags& flags) {
  if (!onnx::is_onnx(flags.model))
    fail("'", flags.model, "' is no ONNX file by its name, which would end in .onnx");
  if (std::filesystem::path(flags.out).extension() != ".safetensors")
    fail("--out '", flags.out, "' is no name of a safetensors file; let it end in .safetensors");
  check_model_out(flags);
}

std::string text_of(const model::Model& model, const std::string& output,
                    const graph::Node* forward_only, const std::string& file) {
  std::string text = concat(graph::model_text(model.graph), "\n",
                            count_text(static_cast<std::int64_t>(model.layout.count())),
                            " parameters, ", model.loss, ", ", file, "\n");
  if (!output.empty())
    text += concat("the answer is the output '", output, "'; --output NAME takes another\n");
  if (forward_only)
    text += concat("it can be used but not trained: ", graph::where(*forward_only),
                   " runs forward only\n");
  return text;
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  flags->out = "model.safetensors";
  args.option("model", flags->model, "An ONNX file").type_name("FILE").required();
  args.option("--out", flags->out, "The safetensors file to write").type_name("FILE");
  args.flag("--force", flags->force, "Write over a file that is there");
  args.option("--classes", flags->classes, "Names of the classes, with commas between")
      .type_name("LIST");
  args.option("--loss", flags->loss, "What it is measured by; without it, what is guessed")
      .type_name("LOSS");
  declare_onnx(args, flags->onnx);
  return [flags](Terminal& terminal) {
    check_files(*flags);
    flags->onnx.join_inputs = true;
    onnx::Network network = onnx::load(flags->model, flags->onnx);
    const std::string output = std::move(network.output);
    model::Model model = model::from_network(std::move(network), flags->model);
    const graph::Node* const forward_only = pass::without_gradient(model.graph);
    if (!flags->loss.empty()) set_loss(model, flags->loss);
    if (!flags->classes.empty()) set_classes(model, flags->classes);
    model::save(flags->out, model::to_file(model));
    if (!terminal.json) {
      terminal.print(text_of(model, output, forward_only, flags->out));
      return exit_done;
    }
    Json json = {{"schema", 1},        {"model", graph::model_text(model.graph)},
                 {"loss", model.loss}, {"parameters", model.layout.count()},
                 {"file", flags->out}, {"trainable", forward_only == nullptr}};
    if (!output.empty()) json["output"] = output;
    terminal.print(json.dump(2) + "\n");
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
