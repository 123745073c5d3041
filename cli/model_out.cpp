#include "cli/model_out.h"

#include <filesystem>

#include "cli/out_file.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"
#include "rectify/model/interchange.h"
#include "rectify/model/safetensors.h"
#include "rectify/report/format.h"

namespace rectify::cli {

void check_model_out(const CommonFlags& flags) {
  const std::filesystem::path out = flags.out;
  if (out.extension() != ".safetensors" && !onnx::is_onnx(out))
    fail("--out wants a file that ends in .safetensors or .onnx, not '", flags.out, "'");
  std::error_code ignored;
  if (std::filesystem::exists(out, ignored) && !flags.force)
    fail("'", flags.out, "' is there already; --force writes over it");
  check_can_write(out);
}

void save_model(const std::string& out, const model::Model& model) {
  if (onnx::is_onnx(out))
    model::save_onnx(out, model);
  else
    model::save(out, model::to_file(model));
}

std::string error_text(const model::Model& model, double error) {
  return model.class_names.empty() ? report::significant_text(error, 5)
                                   : fixed_text(100 * error, 2) + " %";
}

}  // namespace rectify::cli
