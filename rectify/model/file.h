#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/onnx/onnx.h"

namespace rectify::model {

/// A model as one safetensors file: its tensors by label ("dense1.weight", shape inputs x outputs),
/// everything else as metadata ("model", "loss", "mean", "scale", "classes", ...). Throws Error for
/// a model without an input "input" or a result, such as one that was moved from.
TensorFile to_file(const Model& model);

/// Throws Error when tensors are missing, left over, or of another shape than the text form says.
Model from_file(const TensorFile& file, const std::string& name);

/// Loads a safetensors file that Rectify wrote or, if the name ends in .onnx, an ONNX model
/// (interchange.h). Throws Error.
Model load_model(const std::filesystem::path& path);

/// The same with what an ONNX model leaves open. A model of several inputs takes samples of all of
/// them, one after the other. Throws Error if options are given for a file that is no ONNX model.
Model load_model(const std::filesystem::path& path, onnx::ReadOptions options);

/// Names of classes or columns as metadata hold them, a JSON list. Those of a table may have
/// another encoding than UTF-8, which JSON needs; bytes that are not UTF-8 become U+FFFD.
std::string names_text(const std::vector<std::string>& names);

/// Copy parameters and, unless `states` is false, states between flat memory and the tensors named
/// `prefix` + label.
void put_parameters(TensorFile& file, const std::string& prefix, const run::ParameterLayout& layout,
                    const float* parameters, bool states = true);
void take_parameters(const TensorFile& file, const std::string& name, const std::string& prefix,
                     const run::ParameterLayout& layout, float* parameters, bool states = true);

}  // namespace rectify::model
