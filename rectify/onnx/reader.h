#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/onnx/constant.h"
#include "rectify/onnx/formula.h"
#include "rectify/onnx/node_reader.h"
#include "rectify/onnx/onnx.h"
#include "rectify/onnx/view.h"

namespace rectify::onnx {

struct Fit;

/// What the name of an ONNX value stands for while a model is read.
struct Value {
  std::shared_ptr<const Constant> constant;  ///< null for what depends on the input
  View view;                                 ///< of x ...
  std::shared_ptr<Formula> formula;          ///< ... of which this is f; null: x itself
  /// A part of x: the indices from `part_first` on of axis `part_axis`. -1: not a part.
  int part_axis = -1;
  std::int64_t part_first = 0, part_size = 0;
  /// x minus its mean over this axis. -1: x itself.
  int centred_axis = -1;
  /// g(the mean of f(x) over `mean_axis`), which has the axes of x without that one: `formula` is
  /// f, `outer` is g. -1: no mean.
  int mean_axis = -1;
  std::shared_ptr<Formula> outer;
  /// The numbers of x that the axes of `view` reach from this position on, such as the queries of
  /// an attention. -1: all of x.
  std::int64_t offset = -1;
  std::shared_ptr<const Fit> fit;  ///< how well places fit, heads x places x places; null: x
  bool ids = false;                ///< x, the model's input, as whole numbers

  /// Whether the value is f(x) for all of x.
  bool whole() const {
    return !constant && part_axis < 0 && mean_axis < 0 && centred_axis < 0 && offset < 0 && !fit &&
           !ids;
  }
};

/// How well the queries of an attention fit its keys; with `shares`, the softmax of that. Queries
/// and keys have the axes heads x places x channels; `causal` hides later places.
struct Fit {
  Value queries, keys;
  double scale = 1;
  bool causal = false, shares = false;
};

/// Which way an image lies in a graph input of rank 4.
enum class Layout { images, natural };

/// The most numbers that one scalar may be broadcast to: a small file can ask for any number.
constexpr std::int64_t most_spread = std::int64_t{1} << 22;

/// Reads the graph of a model, node by node.
class Reader {
 public:
  Reader(const pb::ModelProto& model, std::filesystem::path folder, Layout layout);
  Network read();

  graph::Graph& graph() { return network_.graph; }
  std::int64_t operator_set() const { return operator_set_; }
  const Value& value(const std::string& name, const std::string& where);
  void define(const std::string& name, Value value);
  /// Whether an input, an initialiser or a node before this one gives the value.
  bool knows(const std::string& name) const {
    return values_.contains(name) || initialisers_.contains(name);
  }
  /// The constant of that name; null if there is none, or it is not known yet.
  const Constant* known_constant(const std::string& name);
  /// How many nodes and outputs read a value.
  int users(const std::string& name) const;
  /// How many different nodes read a value.
  int readers(const std::string& name) const;
  /// The only node that reads a value; null if no node or several nodes read it.
  const pb::NodeProto* only_user(const std::string& name) const;
  void skip(const pb::NodeProto& node) { skipped_.insert(&node); }

  /// The view of a whole value; a node that computes it is appended if need be. Throws Unmapped.
  View view(const Value& value, const std::string& where);

  /// A node with the same memory and another shape.
  graph::NodeId shaped(graph::NodeId node, const Shape& shape);
  /// A node that is an image, from a view with the axes channels x height x width. Throws Unmapped.
  graph::NodeId image(const View& view, const std::string& where);

  /// A node of the same memory whose last axis is `axis` of the view, and where the elements of
  /// that axis are in it. Throws Unmapped.
  struct Channels {
    graph::NodeId node;
    std::vector<std::int64_t> order;
    std::int64_t count;
  };
  Channels channels(const View& view, std::size_t axis, const std::string& where);

  /// The same axes, in order in memory. If they are not, swaps the last two groups of axes. Throws
  /// Unmapped if that is not enough.
  View ordered(const View& view, const std::string& where);

  /// The same, but only if the last axis is not contiguous and swapping makes it so; else `view`.
  View last_in_order(const View& view, const std::string& where);

  /// The view of a sequence: a view of two axes that lie in order becomes a node of that shape.
  View as_sequence(const View& view);

  /// x + c, where x is a sequence and c has a number for each of its numbers: learned positions, or
  /// the fixed ones of sines. Nothing for any other c.
  std::optional<Value> positions(const Value& x, const Constant& c, const std::string& where,
                                 const std::string& name);

  /// y = scale x + shift, where each constant is one number, or is broadcast over the axes of x.
  Value affine(const Value& x, const Constant& scale, const Constant& shift,
               const std::string& where, bool only);
  /// Whether a value is the model's only input, either raw or scaled by constants.
  bool is_input(const Value& value) const;

  void set_numbers(const std::string& label, std::vector<float> numbers);
  std::string free_label(const std::string& name) { return onnx::free_label(graph(), name); }
  std::shared_ptr<const Constant> tensor(const pb::TensorProto& tensor, const std::string& where);

  /// The batch size that the model's first input fixes; 0 if it fixes none.
  std::int64_t fixed_batch() const { return fixed_batch_; }

 private:
  void read_inputs();
  void read_node(const pb::NodeProto& node, int index);
  void find_live();
  void finish();
  graph::NodeId compute(const Value& value, const std::string& where);
  bool normalises(const Value& x, const std::vector<double>& scale,
                  const std::vector<double>& shift);

  const pb::ModelProto& model_;
  const pb::GraphProto& source_;
  std::filesystem::path folder_;
  Layout layout_;
  std::int64_t operator_set_ = 0, fixed_batch_ = 0;
  Network network_;
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, const pb::TensorProto*, std::less<>> initialisers_;
  std::map<std::string, int, std::less<>> users_, readers_;
  std::map<std::string, const pb::NodeProto*, std::less<>> one_user_;
  std::set<const pb::NodeProto*> live_, skipped_;
  std::vector<double> input_scale_ = {1}, input_shift_ = {0};
};

/// One ONNX node, as the `read` function of its Mapping sees it.
class Call : public NodeReader {
 public:
  Call(Reader& with, const pb::NodeProto& of, int index) : NodeReader(of, index), reader(with) {}

  Reader& reader;

  graph::Graph& graph() { return reader.graph(); }

  const Value& value(int i) const;
  bool is_constant(int i) const { return value(i).constant != nullptr; }
  /// The constant that an input is. Throws Unmapped if the input is computed.
  const Constant& constant(int i) const;
  /// The view of an input that is computed. Throws Unmapped if it is a constant.
  View view(int i);

  using NodeReader::integers;
  /// The numbers of input `input`, or of the attribute `name` that older operator sets have
  /// instead.
  std::vector<std::int64_t> integers(int input, std::string_view name) const;
  /// The index of an axis among `rank` axes; a negative `axis` counts from the end. Throws Error if
  /// there is no such axis, Unmapped if it is the batch.
  std::size_t axis(std::int64_t axis, std::size_t rank) const;

  /// Throws Unmapped if a node reads an output after the first.
  void only_first_output() const;

  /// Whether this node alone reads its input i.
  bool alone(int i) const { return reader.users(node.input(i)) == 1; }

  void give(Value value, int output = 0);
  void give(View view, int output = 0) { give(Value{.view = std::move(view)}, output); }
  void give(Constant constant, int output = 0);

  /// Appends an item of a model's text form with its parameters; completes its attributes and
  /// checks their ranges. Its label is the name of the ONNX node if that is possible.
  graph::NodeId build(std::string_view op, graph::NodeId input, const graph::Attributes& given);
  void set_numbers(graph::NodeId of, std::string_view name, std::vector<float> numbers);
};

/// The double nearest to the shortest decimal that gives the same float, so that 0.1 read from a
/// float prints as 0.1.
double tidy(double number);

}  // namespace rectify::onnx
