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

/// The row by its ONNX operator.
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

void write_row(Writer& writer, graph::NodeId id, const Row& row, const Parameters& p,
               const std::string& x) {
  writer.define(id, row_of_value(writer, row, p, x, writer.node(id).label));
}

}  // namespace rectify::onnx
