#pragma once

#include <vector>

#include "rectify/onnx/reader.h"

namespace rectify::onnx {

/// A value as a piece: a part becomes a view of its own numbers, in which axes can be cut and
/// turned as in any other. Throws Unmapped for what is neither a piece, a part nor a whole value.
Value piece_of(Call& call, const Value& value);

/// The product of two computed values: of queries and keys, their fit; of its softmax and values,
/// attention. Whether it is one of them; then its value is given.
bool give_attention(Call& call);

/// A fit of queries to keys, scaled by a number or with what hides later places added (Add, Mul,
/// Div) or chosen (Where). Whether it is that.
bool give_fit(Call& call, const std::vector<Value>& arguments);

/// The softmax of a fit over the places of the keys. Whether it is that.
bool give_shares(Call& call);

}  // namespace rectify::onnx
