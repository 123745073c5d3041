#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "rectify/model/safetensors.h"
#include "rectify/run/parameters.h"

namespace rectify::model {

/// The named tensors of a file: a safetensors file from anywhere, the arrays of an .npz file, or
/// the parameters of an .onnx model by their labels here. Throws Error.
std::map<std::string, Tensor> named_tensors(const std::filesystem::path& path);

/// Copies each tensor that is called like a parameter or a state of the layout to it; tensors of
/// other names are left. Returns the labels that the file lacks. Throws Error where a shape is
/// another, or not one name fits.
std::vector<std::string> take_weights(const std::filesystem::path& path,
                                      const run::ParameterLayout& layout, float* parameters);

}  // namespace rectify::model
