#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/onnx/constant.h"
#include "rectify/onnx/node_reader.h"
#include "rectify/onnx/onnx.h"
#include "rectify/onnx/view.h"

namespace rectify::onnx {

/// The most numbers of one value of one sample.
inline constexpr std::int64_t most_numbers = std::int64_t{1} << 28;

/// What the name of an ONNX value stands for while a model is read in the general way: a constant,
/// or the numbers of a node, with an axis for each axis in ONNX, that of the batch too.
struct Tensor {
  std::shared_ptr<const Constant> constant = nullptr;  ///< null for what depends on the input
  View view = {};
  bool whole = false;  ///< whole numbers or truth values, which a node has as floats

  std::vector<std::int64_t> extents() const {
    return constant ? constant->extents : view.extents();
  }
  std::size_t rank() const { return constant ? constant->extents.size() : view.axes.size(); }
};

/// A view with its axes in another order: axis i becomes what axis order[i] was.
View permuted(const View& view, const std::vector<std::size_t>& order);
/// The way back: unpermuted(permuted(v, order), order) is v.
View unpermuted(const View& view, const std::vector<std::size_t>& order);
/// The order 0, 1, ... of so many axes.
std::vector<std::size_t> natural_order(std::size_t rank);
/// The order of a view's axes in which its numbers stand in memory, where axes are one atom each;
/// else the natural order.
std::vector<std::size_t> memory_order(const View& view);
/// The same if `axis` is the last one in memory; else the natural order with `axis` last.
std::vector<std::size_t> order_with_last(const View& view, std::size_t axis);

/// Reads a model for one sample at a time: every extent is fixed, axis 0 is the batch of that one
/// sample, and what does not depend on the input is computed at once. What has no layer of ours
/// becomes operators that run forward only.
class GeneralReader {
 public:
  GeneralReader(const pb::ModelProto& model, std::filesystem::path folder, std::int64_t batch);
  Network read();

  graph::Graph& graph() { return work_->network.graph; }
  std::int64_t operator_set() const { return operator_set_; }
  const Tensor& tensor(const std::string& name, const std::string& where);
  void define(const std::string& name, Tensor tensor);
  int users(const std::string& name) const;
  /// The element type of an input or an initialiser in ONNX; 0 for any other value.
  int element_type(const std::string& name) const;
  std::shared_ptr<const Constant> tensor_of(const pb::TensorProto& proto,
                                            const std::string& where) const;

  /// The view of a tensor; a constant becomes a node.
  View view(const Tensor& tensor, const std::string& where);
  /// A node whose shape is the view's extents (1 for none), with the numbers in row-major order.
  graph::NodeId laid(const View& view);
  /// A node with the same memory and another shape.
  graph::NodeId shaped(graph::NodeId node, const Shape& shape);
  /// The view of a node that was made from axes in that order, of which `rank` there are.
  View view_of(graph::NodeId node, const std::vector<std::size_t>& order);
  View view_of(graph::NodeId node, std::size_t rank);

  /// Appends an item of a model's text form, with its parameters and the defaults of its
  /// attributes.
  graph::NodeId build(std::string_view op, graph::NodeId input, const graph::Attributes& given,
                      const std::string& label);
  void set_numbers(graph::NodeId of, std::string_view name, std::vector<float> numbers);
  std::string free_label(const std::string& name) { return onnx::free_label(graph(), name); }

  /// Counts numbers that are made of constants. Throws Unmapped when they are too many in all: a
  /// small file can ask for any number.
  void spend(std::int64_t numbers, const std::string& where);

  /// The graph `branch` of a node whose condition is known, in place of the node.
  void inline_graph(const pb::GraphProto& branch, const pb::NodeProto& node);

 private:
  /// A graph that grows, with its numbers.
  struct Work {
    Network network;
    graph::NodeId anchor = -1;  ///< the input, before which no constant can stand
    std::map<const Constant*, graph::NodeId> constants;
    std::map<std::pair<graph::NodeId, std::string>, graph::NodeId> shapes;
  };

  void read_inputs();
  void read_nodes(const pb::GraphProto& graph);
  void read_node(const pb::NodeProto& node, int index);
  void fold(const pb::NodeProto& node, int index);
  void call(const pb::NodeProto& node, int index);
  void want(const std::string& name);
  Tensor evaluated(const Tensor& tensor, const std::string& where);
  void finish();

  const pb::ModelProto& model_;
  const pb::GraphProto& source_;
  std::filesystem::path folder_;
  std::int64_t operator_set_ = 0, batch_ = 1, spent_ = 0;
  bool one_of_several_ = false;  ///< whether the file fixes a batch, of which one sample is read
  Work own_;
  Work* work_ = &own_;
  std::map<std::string, Tensor, std::less<>> tensors_;
  std::map<std::string, const pb::TensorProto*, std::less<>> initialisers_;
  std::map<std::string, const pb::NodeProto*, std::less<>> givers_;
  std::map<std::string, int, std::less<>> users_;
  std::set<const pb::NodeProto*> live_;
  std::vector<std::shared_ptr<const Constant>> kept_;  ///< whose addresses are in use
};

/// One ONNX node, as the `general` function of its Mapping sees it.
class GeneralCall : public NodeReader {
 public:
  GeneralCall(GeneralReader& with, const pb::NodeProto& of, int index)
      : NodeReader(of, index), reader(with) {}

  GeneralReader& reader;
  graph::Graph& graph() { return reader.graph(); }

  const Tensor& tensor(int i) const;
  bool is_constant(int i) const { return tensor(i).constant != nullptr; }
  const Constant& constant(int i) const;
  View view(int i) { return reader.view(tensor(i), where()); }
  std::vector<std::int64_t> extents(int i) const { return tensor(i).extents(); }
  /// The whole numbers of input `input`, or of the attribute that older operator sets have instead.
  std::vector<std::int64_t> list(int input, std::string_view name) const;
  /// The index of an axis among `rank`; a negative `axis` counts from the end.
  std::size_t axis(std::int64_t axis, std::size_t rank) const;
  std::vector<std::size_t> axes(const std::vector<std::int64_t>& given, std::size_t rank) const;

  void give(Tensor tensor, int output = 0);
  void give(View view, bool whole = false, int output = 0) {
    give(Tensor{.view = std::move(view), .whole = whole}, output);
  }
  void give(Constant constant, int output = 0);
  bool gives(int output) const {
    return output < node.output_size() && reader.users(node.output(output)) > 0;
  }

  /// y = f(x), f a function of `apply`.
  View apply(const View& x, std::string_view function, double a = 0, double b = 0);
  /// y = f(a, b), f a function of `pairwise`, with repeated axes.
  View pairwise(std::string_view function, const View& a, const View& b);
  View pairwise(std::string_view function, const View& a, double b);
  /// y = c ? a : b, with repeated axes.
  View choose(const View& c, const View& a, const View& b);
  /// One number of the elements along these axes, which keep the extent 1.
  View reduce(const View& x, std::string_view function, const std::vector<std::size_t>& axes);
  /// The same numbers, in row-major order, on other axes.
  View reshaped(const View& x, const std::vector<std::int64_t>& extents);
  /// Of axis i the elements first[i], first[i] + step[i], ... , count[i] of them.
  View cut(const View& x, const std::vector<std::int64_t>& first,
           const std::vector<std::int64_t>& step, const std::vector<std::int64_t>& count);
  /// The elements first, first + 1, ... of one axis.
  View part(const View& x, std::size_t axis, std::int64_t first, std::int64_t count);
  /// More elements at the ends of axes, as `pad` says; a negative number takes some away.
  View padded(const View& x, const std::vector<std::int64_t>& before,
              const std::vector<std::int64_t>& after, const std::string& mode, double value);
  View joined(const std::vector<View>& parts, std::size_t axis);
  /// x W for the last axis, W of inputs x units.
  View product(const View& x, std::vector<float> weight, std::int64_t units,
               const std::vector<float>* bias);
  /// The product of the matrices in the last two axes.
  View product(const View& a, const View& b);
  /// Softmax, log_softmax or layer_norm without numbers of its own, along one axis.
  View along(std::string_view op, const View& x, std::size_t axis,
             const graph::Attributes& attributes = {});
  /// y = scale x + shift with a number each for the elements of an axis.
  View affine(const View& x, std::size_t axis, const std::vector<float>& scale,
              const std::vector<float>& shift);
  View row_of_numbers(std::vector<float> numbers, std::vector<std::int64_t> extents);
  std::string label() { return reader.free_label(node.name()); }
};

}  // namespace rectify::onnx
