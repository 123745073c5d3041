// rectify export: trained weights as an ONNX model.

#include <filesystem>
#include <memory>

#include "cli/flags.h"
#include "cli/model_out.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"
#include "rectify/model/interchange.h"
#include "rectify/model/model.h"
#include "rectify/onnx/onnx.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags {
  std::string model;
  bool last = false;
};

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  flags->out = "model.onnx";
  args.option("model", flags->model, "A safetensors file, or the folder of a run")
      .type_name("MODEL")
      .required();
  args.option("--out", flags->out, "The ONNX file to write").type_name("FILE");
  args.flag("--force", flags->force, "Write over a file that is there");
  args.flag("--last", flags->last, "Of a run's folder: the last weights instead of the best");
  return [flags](Terminal& terminal) {
    if (!onnx::is_onnx(flags->out))
      fail("'", flags->out, "' is no name of an ONNX file; let it end in .onnx");
    check_model_out(*flags);
    const model::Model model = model::load_model(train::model_file(flags->model, flags->last));
    model::save_onnx(flags->out, model);
    const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(flags->out));
    if (terminal.json)
      terminal.print(
          Json{{"schema", 1}, {"file", flags->out}, {"bytes", bytes}, {"opset", 17}}.dump(2) +
          "\n");
    else
      terminal.print(concat(flags->out, ": ONNX operator set 17, ", bytes_text(bytes), "\n"));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> export_onnx() {
  static const Verb all[] = {{"export", "Writes trained weights as an ONNX model",
                              "rectify export mnist-relu --out mnist.onnx", declare}};
  return all;
}

}  // namespace rectify::cli::ops
