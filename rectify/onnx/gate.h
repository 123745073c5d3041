#pragma once

#include <vector>

#include "rectify/onnx/reader.h"

namespace rectify::onnx {

/// Reads a gate, f(a) b with the halves a and b of a value's last axis, or rms_norm: x / sqrt(mean
/// of x² + epsilon) and the scale that follows it. Returns whether the node is one of them; then
/// the node has its value.
bool give_norm_or_gate(Call& call, const std::vector<Value>& arguments);

/// Reads x minus its mean over an axis, with which layer_norm begins. Returns whether the node is
/// that.
bool give_centred(Call& call, const std::vector<Value>& arguments);

/// Reads maxout: the largest of all the parts of a value's last axis. Returns whether the node is
/// that.
bool give_maxout(Call& call, const std::vector<Value>& arguments);

}  // namespace rectify::onnx
