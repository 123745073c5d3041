#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "rectify/model/safetensors.h"
#include "rectify/run/parameters.h"

namespace rectify::model {

/// Reads the named tensors of a file: any safetensors file, the arrays of an .npz file, or the
/// parameters of an .onnx model under the labels that they have here. Throws Error.
std::map<std::string, Tensor> named_tensors(const std::filesystem::path& path);

/// Copies each tensor to the parameter or state of the same name; ignores tensors of other names.
/// Returns the labels that the file lacks. Throws Error if a shape differs, or if no name fits.
std::vector<std::string> take_weights(const std::filesystem::path& path,
                                      const run::ParameterLayout& layout, float* parameters);

}  // namespace rectify::model
