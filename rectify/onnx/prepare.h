#pragma once

#include <cstdint>
#include <string>

#include "rectify/onnx/onnx.h"
#include "rectify/onnx/proto.h"

namespace rectify::onnx {

/// Leaves the model with the one output that the options name or mean, and with the extents that
/// they fix. Returns the output's name if there were several, else "". Throws Error for names and
/// extents that do not fit the model.
std::string prepare(pb::ModelProto& model, const ReadOptions& options);

/// The inputs of a model that are no initialisers.
int count_inputs(const pb::ModelProto& model);

/// The text of an OpenExtent.
std::string open_extent_text(const std::string& input, std::int64_t axis);

}  // namespace rectify::onnx
