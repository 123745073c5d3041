#pragma once

#include <string>

#include "cli/flags.h"
#include "rectify/model/model.h"

namespace rectify::cli {

/// Throws Error for an --out that is there already, unless --force, that cannot be written, or
/// whose name says another format than .safetensors or .onnx.
void check_model_out(const CommonFlags& flags);

/// Writes the model in the format that the name of the file says.
void save_model(const std::string& out, const model::Model& model);

/// "1.25 %" of wrong classes, or a root mean squared error.
std::string error_text(const model::Model& model, double error);

}  // namespace rectify::cli
