#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/onnx/onnx.h"
#include "rectify/onnx/proto.h"

namespace rectify::onnx {

/// The name of an ONNX node as the label of a new node of `graph`; empty if it cannot be one: a
/// label starts with a letter, and some belong to the program (model/loss.h, gradients).
std::string free_label(const graph::Graph& graph, const std::string& name);

/// One ONNX node with its attributes.
class NodeReader {
 public:
  NodeReader(const pb::NodeProto& of, int index) : node(of), index_(index) {}

  const pb::NodeProto& node;

  /// "node 12 (CumSum 'sum')", as errors name it.
  std::string where() const;
  template <class... Parts>
  [[noreturn]] void unmapped(const Parts&... parts) const {
    throw Unmapped(concat(where(), " ", parts...));
  }

  bool has(int i) const { return i < node.input_size() && !node.input(i).empty(); }
  const pb::AttributeProto* attribute(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  double number(std::string_view name, double otherwise) const;
  std::string word(std::string_view name, std::string_view otherwise) const;
  std::vector<std::int64_t> integers(std::string_view name) const;
  std::vector<float> numbers(std::string_view name) const;

 private:
  int index_;
};

}  // namespace rectify::onnx
