#pragma once

#include <string>

#include "rectify/activation/activation.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx {

/// Writes y = f(x), the value of node `id`: as the row's ONNX operator if it has one, else as the
/// operators that its definition in family.h consists of.
void write_row(Writer& writer, graph::NodeId id, const activation::Row& row,
               const activation::Parameters& p, const std::string& x);

/// The same for a row that has a number for each channel, in the constant `numbers`.
void write_learned_row(Writer& writer, graph::NodeId id, const activation::Row& row,
                       const std::string& x, const std::string& numbers);

/// The same as a step of a larger computation, not the value of a node. Returns the name of y.
std::string row_of_value(Writer& writer, const activation::Row& row,
                         const activation::Parameters& p, const std::string& x,
                         const std::string& label);

}  // namespace rectify::onnx
