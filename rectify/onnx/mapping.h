#pragma once

#include <span>
#include <string_view>

#include "rectify/graph/graph.h"

namespace rectify::onnx {

class Call;
class GeneralCall;
class Writer;

/// How one operator is translated between Rectify and ONNX, in one or both directions: an entry of
/// a file of onnx/ops/. A function that is null means that this direction is not mapped.
struct Mapping {
  std::string_view onnx = {};  ///< the ONNX operator that `read` reads
  void (*read)(Call& call) = nullptr;
  std::string_view op = {};  ///< the operator of ours that `write` writes
  void (*write)(Writer& writer, graph::NodeId node) = nullptr;
  /// Reads the ONNX operator in the general way, by operators that run forward only.
  void (*general)(GeneralCall& call) = nullptr;
};

/// All mappings: those of every file in onnx/ops/ (the build collects them).
std::span<const Mapping* const> mappings();

}  // namespace rectify::onnx
