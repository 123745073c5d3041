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
#include "rectify/onnx/onnx.h"
#include "rectify/onnx/view.h"

namespace rectify::onnx {

struct Fit;

/// What the name of an ONNX value stands for while a model is read.
struct Value {
  std::shared_ptr<const Constant> constant;  ///< null for what depends on the input
  View view;                                 ///< of x ...
  std::shared_ptr<Formula> formula;          ///< ... of which this is f; null: x itself
  /// A part of x: of the axis `part_axis` the numbers from `part_first` on. Whole where it is -1.
  int part_axis = -1;
  std::int64_t part_first = 0, part_size = 0;
  /// Not x but x less its mean over this axis. None where it is -1.
  int centred_axis = -1;
  /// Not x but the mean over `mean_axis` of f(x), x without that axis, then g of it: `formula` is
  /// f, `outer` is g. None where mean_axis is -1.
  int mean_axis = -1;
  std::shared_ptr<Formula> outer;
  /// Not x but those of its numbers that the view's axes reach from this one on, as the queries of
  /// an attention are on their way. All of x where it is -1.
  std::int64_t offset = -1;
  std::shared_ptr<const Fit> fit;  ///< not x but how places fit, heads x places x places
  bool ids = false;                ///< x, the model's input, as whole numbers

  /// Whether it is f(x), and nothing less.
  bool whole() const {
    return !constant && part_axis < 0 && mean_axis < 0 && centred_axis < 0 && offset < 0 && !fit &&
           !ids;
  }
};

/// How well the queries of an attention fit its keys, or the softmax of that: `shares`. Both have
/// axes heads x places x channels; `causal` hides later places.
struct Fit {
  Value queries, keys;
  double scale = 1;
  bool causal = false, shares = false;
};

/// Which way an image lies in a graph input of rank 4.
enum class Layout { images, natural };

/// The most numbers that a scalar is spread to, since a small file may ask for any number of them.
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
  /// Null where the name is of no constant that is known yet.
  const Constant* known_constant(const std::string& name);
  /// How many nodes and outputs read a value.
  int users(const std::string& name) const;
  /// How many different nodes read a value.
  int readers(const std::string& name) const;
  /// The only node that reads a value; null when there is none or are several.
  const pb::NodeProto* only_user(const std::string& name) const;
  void skip(const pb::NodeProto& node) { skipped_.insert(&node); }

  /// The view of a value that is whole, computed by a node of the graph. Throws Unmapped.
  View view(const Value& value, const std::string& where);

  /// The same memory as a row, an image, or whatever shape it is.
  graph::NodeId shaped(graph::NodeId node, const Shape& shape);
  /// A node that is the image of axes channels x height x width. Throws Unmapped.
  graph::NodeId image(const View& view, const std::string& where);

  /// A node whose last axis is that axis of the view, and where in it the axis' elements are.
  /// The node has the same memory. Throws Unmapped.
  struct Channels {
    graph::NodeId node;
    std::vector<std::int64_t> order;
    std::int64_t count;
  };
  Channels channels(const View& view, std::size_t axis, const std::string& where);

  /// The same axes, in order in memory: where they are not, by turning the last two groups of them
  /// round. Throws Unmapped where that is not enough.
  View ordered(const View& view, const std::string& where);

  /// The same, where the last axis does not lie in one piece and can be turned so that it does.
  View last_in_order(const View& view, const std::string& where);

  /// A view of two axes that lie in order becomes a node of that shape: a sequence.
  View as_sequence(const View& view);

  /// x + c, a number of c for each of x's: learned positions, or those of sines. Nothing where c is
  /// not as large as a sequence.
  std::optional<Value> positions(const Value& x, const Constant& c, const std::string& where,
                                 const std::string& name);

  /// y = scale x + shift, with one number each, or numbers that spread over the view's axes.
  Value affine(const Value& x, const Constant& scale, const Constant& shift,
               const std::string& where, bool only);
  /// Whether a value is the model's only input, as it comes or as constants have scaled it so far.
  bool is_input(const Value& value) const;

  void set_numbers(const std::string& label, std::vector<float> numbers);
  std::string free_label(const std::string& name);
  std::shared_ptr<const Constant> tensor(const pb::TensorProto& tensor, const std::string& where);

  /// Of the first input: what the model takes as the batch when it has a fixed one, or 0.
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

/// One ONNX node as its mapping reads it.
class Call {
 public:
  Call(Reader& with, const pb::NodeProto& of, int index) : reader(with), node(of), index_(index) {}

  Reader& reader;
  const pb::NodeProto& node;

  graph::Graph& graph() { return reader.graph(); }
  std::string where() const;
  template <class... Parts>
  [[noreturn]] void unmapped(const Parts&... parts) const {
    throw Unmapped(concat(where(), " ", parts...));
  }

  bool has(int i) const { return i < node.input_size() && !node.input(i).empty(); }
  const Value& value(int i) const;
  bool is_constant(int i) const { return value(i).constant != nullptr; }
  /// Throws Unmapped where the input is computed.
  const Constant& constant(int i) const;
  /// A node's value; throws Unmapped where it is a constant.
  View view(int i);

  const pb::AttributeProto* attribute(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  double number(std::string_view name, double otherwise) const;
  std::string word(std::string_view name, std::string_view otherwise) const;
  std::vector<std::int64_t> integers(std::string_view name) const;
  /// The numbers of an input, or, in older operator sets, of the attribute.
  std::vector<std::int64_t> integers(int input, std::string_view name) const;
  /// An axis of `rank`, negative ones from the end; throws where there is none or it is the batch.
  std::size_t axis(std::int64_t axis, std::size_t rank) const;

  /// Whether an output after the first is wanted.
  void only_first_output() const;

  /// Whether nothing else reads an input of the node.
  bool alone(int i) const { return reader.users(node.input(i)) == 1; }

  void give(Value value, int output = 0);
  void give(View view, int output = 0) { give(Value{.view = std::move(view)}, output); }
  void give(Constant constant, int output = 0);

  /// Appends an item of a model's text, its attributes completed and their ranges checked, and its
  /// parameters. The label is the node's name where it can be.
  graph::NodeId build(std::string_view op, graph::NodeId input, const graph::Attributes& given);
  void set_numbers(graph::NodeId of, std::string_view name, std::vector<float> numbers);

 private:
  int index_;
};

/// The shortest decimal that is the same float: 1e-05 for what float makes of it, so that what is
/// typed and what is read print alike.
double tidy(double number);

}  // namespace rectify::onnx
