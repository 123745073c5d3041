#pragma once

#include <string>

#include "rectify/activation/activation.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx {

/// Writes y = f(x) as what computes node `id`: the row's ONNX operator if it has one, else what its
/// definition in family.h says, in operators of ONNX.
void write_row(Writer& writer, graph::NodeId id, const activation::Row& row,
               const activation::Parameters& p, const std::string& x);

/// The same for a row whose number is one a channel, the constant `numbers`.
void write_learned_row(Writer& writer, graph::NodeId id, const activation::Row& row,
                       const std::string& x, const std::string& numbers);

/// The same as a part of something else: the name of y.
std::string row_of_value(Writer& writer, const activation::Row& row,
                         const activation::Parameters& p, const std::string& x,
                         const std::string& label);

}  // namespace rectify::onnx
