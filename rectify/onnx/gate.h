#pragma once

#include <vector>

#include "rectify/onnx/reader.h"

namespace rectify::onnx {

/// f(a) b of the halves of a value's last axis: a gate. x / sqrt(mean of x² + epsilon), and what
/// scales it behind: rms_norm. Whether the node is one of them; then its value is given.
bool give_norm_or_gate(Call& call, const std::vector<Value>& arguments);

/// x less its mean over an axis, which layer_norm begins with.
bool give_centred(Call& call, const std::vector<Value>& arguments);

/// The largest of all the parts of a value's last axis: maxout.
bool give_maxout(Call& call, const std::vector<Value>& arguments);

}  // namespace rectify::onnx
