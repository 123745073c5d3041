// recurrent: RNN whose input weights are the identity, because the layer before it has them. RNN
// wants the axis of places before the batch, so a Transpose is written on either side.

#include <algorithm>
#include <array>

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

/// The rows that RNN has as functions; `alpha` is the row's first number.
struct Function {
  std::string_view onnx;
  bool alpha;
};
constexpr std::array functions = {Function{"Relu", false},     Function{"Tanh", false},
                                  Function{"Sigmoid", false},  Function{"Softsign", false},
                                  Function{"Softplus", false}, Function{"LeakyRelu", true},
                                  Function{"Elu", true},       Function{"ThresholdedRelu", true}};

const Function& function_of(const graph::Node& node) {
  const activation::Row& row = graph::activation_row(node);
  const auto found = std::ranges::find(functions, row.onnx, &Function::onnx);
  if (found != functions.end()) return *found;
  fail(graph::where(node), " cannot be written as ONNX: its RNN has no ", row.name);
}

std::vector<float> transposed(const std::vector<float>& u, std::size_t units) {
  std::vector<float> turned(u.size());
  for (std::size_t i = 0; i < u.size(); ++i) turned[i % units * units + i / units] = u[i];
  return turned;
}

void set_function(pb::NodeProto& rnn, const graph::Node& node) {
  const Function& function = function_of(node);
  pb::AttributeProto& activations = *rnn.add_attribute();
  activations.set_name("activations");
  activations.set_type(pb::AttributeProto::STRINGS);
  activations.add_strings(std::string(function.onnx));
  if (!function.alpha) return;
  pb::AttributeProto& alpha = *rnn.add_attribute();
  alpha.set_name("activation_alpha");
  alpha.set_type(pb::AttributeProto::FLOATS);
  alpha.add_floats(static_cast<float>(graph::activation_parameters(node)[0]));
}

void write(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  if (node.type.shape.rank() != 2)
    fail(graph::where(node), " cannot be written as ONNX: its RNN takes samples of places x units,",
         " not ", node.type.shape.text());
  const std::int64_t h = node.type.shape.back();
  const auto units = static_cast<std::size_t>(h);
  std::vector<float> identity(units * units);
  for (std::size_t i = 0; i < units; ++i) identity[i * units + i] = 1;
  pb::NodeProto& turn = writer.append("Transpose", {writer.input(id, 0)}, node.label + "_places");
  set_integers(turn, "perm", {1, 0, 2});
  const std::string places = turn.output(0);
  pb::NodeProto& rnn =
      writer.append("RNN",
                    {places, writer.constant(node.label + ".identity", {1, h, h}, identity),
                     writer.constant(node.label + ".weight", {1, h, h},
                                     transposed(writer.numbers(node.inputs[1]), units))},
                    node.label + "_rnn");
  set_integer(rnn, "hidden_size", h);
  set_function(rnn, node);
  const std::string all = rnn.output(0);  // places x directions x batch x units
  const std::string axis = writer.constant(node.label + ".direction", {1});
  const std::string one = writer.add("Squeeze", {all, axis}, node.label + "_one");
  set_integers(writer.append_for(id, "Transpose", {one}), "perm", {1, 0, 2});
}

}  // namespace

std::span<const Mapping> recurrent() {
  static const Mapping all[] = {{.op = "recurrent", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
