#pragma once

#include <vector>

#include "rectify/onnx/reader.h"

namespace rectify::onnx {

/// A part of a value (Value::part_axis) as a view of its own numbers (Value::offset), whose axes
/// can be cut and transposed like those of any view. Throws Unmapped unless `value` is such a view
/// already, a part or a whole value.
Value piece_of(Call& call, const Value& value);

/// Reads a product of two computed values: queries and keys give a Fit; the softmax of a Fit and
/// values give an attention. Returns whether it is one of these; then the node has its value.
bool give_attention(Call& call);

/// Reads what follows a Fit: a scale (Mul, Div), or a mask that hides later places (Add, Where).
/// Returns whether the node is that.
bool give_fit(Call& call, const std::vector<Value>& arguments);

/// Reads the softmax of a Fit over the places of the keys. Returns whether the node is that.
bool give_shares(Call& call);

}  // namespace rectify::onnx
