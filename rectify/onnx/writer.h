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

/// Writes a graph as an ONNX model, node by node. A sample of rank 3, an image, is channels first
/// in ONNX; every other one is as it is.
class Writer {
 public:
  explicit Writer(const Network& network);
  pb::ModelProto write();

  const graph::Graph& graph() const { return network_.graph; }
  const graph::Node& node(graph::NodeId id) const { return graph().node(id); }

  /// The ONNX name of a node's value; its input's, by position.
  const std::string& name(graph::NodeId id) const { return names_.at(id); }
  const std::string& input(graph::NodeId id, std::size_t i) const {
    return name(node(id).inputs[i]);
  }
  const std::vector<float>& numbers(graph::NodeId parameter) const {
    return network_.numbers.at(parameter);
  }

  /// Appends an ONNX node with one output, which it returns the name of.
  pb::NodeProto& append(std::string_view op, const std::vector<std::string>& inputs,
                        const std::string& label);
  std::string add(std::string_view op, const std::vector<std::string>& inputs,
                  const std::string& label);
  /// The same as what computes `id`: its output gets the node's own name.
  pb::NodeProto& append_for(graph::NodeId id, std::string_view op,
                            const std::vector<std::string>& inputs);
  /// Calls the node that was appended last, and its output, otherwise; returns the new name.
  std::string name_last(const std::string& label);
  /// Gives a node one more output.
  std::string add_output(pb::NodeProto& node, const std::string& label);
  /// Says that a value has that name already.
  void define(graph::NodeId id, const std::string& name) { names_[id] = name; }

  /// An initialiser; a name that is taken gets a number.
  std::string constant(const std::string& name, const std::vector<std::int64_t>& extents,
                       const std::vector<float>& numbers);
  std::string constant(const std::string& name, const std::vector<std::int64_t>& numbers);
  std::string scalar(double number);
  /// One that several nodes read, made once.
  std::string shared_constant(const std::string& name, const std::vector<std::int64_t>& extents,
                              const std::vector<float>& numbers);

  /// Whether a network's input is whole numbers, as nothing but embeddings reads it.
  bool takes_ids(graph::NodeId input) const;

  /// Where the channels, our last axis, are in ONNX, and how many axes there are, batch included.
  std::int64_t channel_axis(graph::NodeId id) const;
  std::int64_t rank(graph::NodeId id) const;
  /// A shape that spreads one number a channel over the value: {C, 1, 1} for images.
  std::vector<std::int64_t> channel_extents(graph::NodeId id) const;

  /// The name of the value with its axes in our order, and the way back. A name that comes from
  /// our order and goes back costs two transpositions, and none where there is nothing to turn.
  std::string channels_last(graph::NodeId id, const std::string& label);
  void define_from_last(graph::NodeId id, const std::string& last);

  /// Whether the row of a node is in ONNX's order, channels first, of the image that it was before
  /// it was flattened: its shape. Layers that read it turn their weights.
  const Shape* flattened_from(graph::NodeId id) const;
  void say_flattened_from(graph::NodeId id, const Shape& image) { flattened_[id] = image; }

 private:
  std::string fresh(const std::string& stem);
  void write_input(graph::NodeId id);
  void write_answer();

  const Network& network_;
  pb::ModelProto model_;
  pb::GraphProto& out_;
  std::map<graph::NodeId, std::string> names_;
  std::map<graph::NodeId, Shape> flattened_;
  std::map<double, std::string> scalars_;
  std::map<std::string, std::string> shared_;
  std::set<std::string, std::less<>> taken_;
  std::map<std::string, int, std::less<>> numbers_;  ///< per stem, of the last name that was made
};

void set_integer(pb::NodeProto& node, std::string_view name, std::int64_t value);
void set_number(pb::NodeProto& node, std::string_view name, double value);
void set_integers(pb::NodeProto& node, std::string_view name,
                  const std::vector<std::int64_t>& values);

}  // namespace rectify::onnx
