#include "rectify/onnx/row_writer.h"

#include "rectify/activation/family.h"
#include "rectify/onnx/symbol.h"

namespace rectify::onnx {

namespace {

using activation::Parameters;
using activation::Row;

using Define = Symbol (*)(Symbol, const Parameters&);

template <class... R>
Define definition(std::size_t index, activation::Rows<R...>) {
  static constexpr Define all[] = {&R::template value<Symbol>...};
  return all[index];
}

using DefineAt = Symbol (*)(Symbol, Symbol);

template <class R>
constexpr DefineAt define_at() {
  if constexpr (R::facts.varying == activation::Varying::learnable)
    return &R::template value_at<Symbol>;
  else
    return nullptr;  // prelu is an operator of ONNX
}

template <class... R>
DefineAt definition_at(std::size_t index, activation::Rows<R...>) {
  static constexpr DefineAt all[] = {define_at<R>()...};
  return all[index];
}

/// Writes the row as its ONNX operator.
pb::NodeProto& append_operator(Writer& writer, const Row& row, const Parameters& p,
                               const std::string& x, const std::string& label) {
  std::vector<std::string> inputs = {x};
  if (row.onnx == "Clip") {
    const activation::Properties range = activation::properties(row, p);
    inputs.insert(inputs.end(), {writer.scalar(range.low), writer.scalar(range.high)});
  }
  if (row.onnx == "PRelu")
    inputs.push_back(writer.constant(label + ".slope", {1}, {static_cast<float>(p[0])}));
  pb::NodeProto& node = writer.append(row.onnx, inputs, label);
  if (row.onnx == "HardSigmoid") {
    set_number(node, "alpha", row.slope(0, p));
    set_number(node, "beta", row.value(0, p));
  } else if (!row.parameters.empty() && row.onnx != "Relu" && row.onnx != "PRelu") {
    set_number(node, "alpha", p[0]);
  }
  return node;
}

}  // namespace

std::string row_of_value(Writer& writer, const Row& row, const Parameters& p, const std::string& x,
                         const std::string& label) {
  if (!row.onnx.empty()) return append_operator(writer, row, p, x, label).output(0);
  const Define define = definition(row.index, activation::Family());
  define(Symbol(writer, x, label + "_part"), p);
  return writer.name_last(label);
}

void write_learned_row(Writer& writer, graph::NodeId id, const Row& row, const std::string& x,
                       const std::string& numbers) {
  const std::string& label = writer.node(id).label;
  const Symbol a(writer, numbers, label + "_part");
  definition_at(row.index, activation::Family())(Symbol(writer, x, label + "_part"), a);
  writer.define(id, writer.name_last(label));
}

void write_row(Writer& writer, graph::NodeId id, const Row& row, const Parameters& p,
               const std::string& x) {
  writer.define(id, row_of_value(writer, row, p, x, writer.node(id).label));
}

}  // namespace rectify::onnx
