#pragma once

#include <cstdint>
#include <string>

#include "rectify/onnx/onnx.h"
#include "rectify/onnx/proto.h"

namespace rectify::onnx {

/// Leaves the model with the one output that the options name or mean, and with the extents that
/// they fix. Returns the output's name if there were several, else "". Another output than the
/// model's own has no loss and no classes in the metadata. Throws Error for names and extents that
/// do not fit the model.
std::string prepare(pb::ModelProto& model, const ReadOptions& options);

/// The inputs of a model that are no initialisers.
int count_inputs(const pb::ModelProto& model);

/// Whether the only input of a model is of images channels last: its reader moves the channels to
/// the front, or its extents say so, as 28x28x1 does. Files of ours have channels first.
bool channels_last(const pb::ModelProto& model);

/// The text of an OpenExtent.
std::string open_extent_text(const std::string& input, std::int64_t axis);

}  // namespace rectify::onnx
