#pragma once

#include <filesystem>
#include <string>

#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"

namespace rectify::model {

/// A model as one safetensors file: tensors by label ("dense1.weight", shape in x out), the rest as
/// metadata ("model", "loss", "mean", "scale", "classes", ...).
TensorFile to_file(const Model& model);

/// Throws Error when tensors are missing, left over, or of another shape than the text form says.
Model from_file(const TensorFile& file, const std::string& name);

/// A safetensors file that Rectify wrote or, where its name ends in .onnx, an ONNX model
/// (interchange.h).
Model load_model(const std::filesystem::path& path);

/// Copies parameters and, unless `states` is false, states between flat memory and tensors called
/// `prefix` + label.
void put_parameters(TensorFile& file, const std::string& prefix, const run::ParameterLayout& layout,
                    const float* parameters, bool states = true);
void take_parameters(const TensorFile& file, const std::string& name, const std::string& prefix,
                     const run::ParameterLayout& layout, float* parameters, bool states = true);

}  // namespace rectify::model
