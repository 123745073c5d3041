#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/onnx/onnx.h"
#include "rectify/onnx/proto.h"

namespace rectify::onnx {

/// Writes a graph as an ONNX model, node by node. A sample of rank 3 is an image and becomes
/// channels first; every other sample keeps the order of its axes.
class Writer {
 public:
  explicit Writer(const Network& network);
  pb::ModelProto write();

  const graph::Graph& graph() const { return network_.graph; }
  const graph::Node& node(graph::NodeId id) const { return graph().node(id); }

  /// The ONNX name of a node's value, and of the value of its i-th input.
  const std::string& name(graph::NodeId id) const { return names_.at(id); }
  const std::string& input(graph::NodeId id, std::size_t i) const {
    return name(node(id).inputs[i]);
  }
  const std::vector<float>& numbers(graph::NodeId parameter) const {
    return network_.numbers.at(parameter);
  }

  /// Append an ONNX node with one output: append() returns the node, add() the name of the output.
  pb::NodeProto& append(std::string_view op, const std::vector<std::string>& inputs,
                        const std::string& label);
  std::string add(std::string_view op, const std::vector<std::string>& inputs,
                  const std::string& label);
  /// The same for the ONNX node that computes the value of `id`: its output gets the name of that
  /// node.
  pb::NodeProto& append_for(graph::NodeId id, std::string_view op,
                            const std::vector<std::string>& inputs);
  /// Renames the node that was appended last, and its output; returns the new name.
  std::string name_last(const std::string& label);
  /// Gives a node one more output.
  std::string add_output(pb::NodeProto& node, const std::string& label);
  /// Records that the value of `id` exists already under `name`.
  void define(graph::NodeId id, const std::string& name) { names_[id] = name; }

  /// Appends an initialiser and returns its name. A number is added to a name that is taken.
  std::string constant(const std::string& name, const std::vector<std::int64_t>& extents,
                       const std::vector<float>& numbers);
  std::string constant(const std::string& name, const std::vector<std::int64_t>& numbers);
  std::string scalar(double number);
  /// An initialiser that several nodes read; it is appended once.
  std::string shared_constant(const std::string& name, const std::vector<std::int64_t>& extents,
                              const std::vector<float>& numbers);

  /// Whether an input of the network takes whole numbers, because only embeddings read it.
  bool takes_ids(graph::NodeId input) const;

  /// The ONNX axis of the channels, which are the last axis here; and the number of axes. Both
  /// count the batch.
  std::int64_t channel_axis(graph::NodeId id) const;
  std::int64_t rank(graph::NodeId id) const;
  /// A shape that spreads one number a channel over the value: {C, 1, 1} for images.
  std::vector<std::int64_t> channel_extents(graph::NodeId id) const;

  /// The name of the value with channels last, and the way back from such a name. Each writes a
  /// Transpose where the orders differ.
  std::string channels_last(graph::NodeId id, const std::string& label);
  void define_from_last(graph::NodeId id, const std::string& last);

  /// The shape of the image that a flattened value was, if its numbers are in ONNX's order,
  /// channels first; else null. Layers that read such a value reorder their weights instead.
  const Shape* flattened_from(graph::NodeId id) const;
  void say_flattened_from(graph::NodeId id, const Shape& image) { flattened_[id] = image; }

 private:
  std::string fresh(const std::string& stem);
  void write_input(graph::NodeId id);
  void write_answer();
  /// The names of the means and the scales of a value's numbers, in the order that ONNX has.
  std::pair<std::string, std::string> scaling_constants(graph::NodeId id,
                                                        const std::vector<data::Scaling>& scalings,
                                                        const std::string& what);

  const Network& network_;
  pb::ModelProto model_;
  pb::GraphProto& out_;
  std::map<graph::NodeId, std::string> names_;
  std::map<graph::NodeId, Shape> flattened_;
  std::map<double, std::string> scalars_;
  std::map<std::string, std::string> shared_;
  std::set<std::string, std::less<>> taken_;
  std::map<std::string, int, std::less<>> numbers_;  ///< the last number used for each stem
};

void set_integer(pb::NodeProto& node, std::string_view name, std::int64_t value);
void set_number(pb::NodeProto& node, std::string_view name, double value);
void set_integers(pb::NodeProto& node, std::string_view name,
                  const std::vector<std::int64_t>& values);

}  // namespace rectify::onnx
