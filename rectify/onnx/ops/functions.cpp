// Functions of one number in the general way: rows of the family, and what `apply` has.
#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/activation/activation.h"
#include "rectify/graph/activate.h"
#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx::ops {

namespace {

struct Named {
  std::string_view onnx, function;
};
constexpr Named functions[] = {
    {"Abs", "abs"},     {"Acos", "acos"},    {"Acosh", "acosh"},
    {"Asin", "asin"},   {"Asinh", "asinh"},  {"Atan", "atan"},
    {"Atanh", "atanh"}, {"Ceil", "ceil"},    {"Cos", "cos"},
    {"Cosh", "cosh"},   {"Erf", "erf"},      {"Exp", "exp"},
    {"Floor", "floor"}, {"IsNaN", "is_nan"}, {"Log", "log"},
    {"Neg", "minus"},   {"Not", "not"},      {"Reciprocal", "reciprocal"},
    {"Round", "round"}, {"Sign", "sign"},    {"Sin", "sin"},
    {"Sinh", "sinh"},   {"Sqrt", "sqrt"},    {"Tan", "tan"}};

void read(GeneralCall& call) {
  const auto found = std::ranges::find(functions, call.node.op_type(), &Named::onnx);
  const bool truth = found->function == "not" || found->function == "is_nan";
  call.give(call.apply(call.view(0), found->function), truth || call.tensor(0).whole);
}

/// An operator that is a row of the family, whose number is called alpha.
void read_row(GeneralCall& call) {
  const View x = call.view(0);
  for (const activation::Row& row : activation::family()) {
    if (row.onnx != call.node.op_type()) continue;
    graph::Attributes attributes;
    attributes.set("row", std::string(row.name));
    if (!row.parameters.empty() && row.name != "relu") {
      const activation::ParameterInfo& number = row.parameters[0];
      const double alpha = call.number("alpha", number.value);
      if (!(alpha >= number.low && alpha <= number.high)) break;
      attributes.set(number.name, alpha);
    }
    return call.give(
        View{graph::add_activation(call.graph(), x.node, attributes, call.label()), x.axes},
        call.tensor(0).whole);
  }
  const std::string_view op = call.node.op_type();
  if (op == "LeakyRelu") return call.give(call.apply(x, "leaky", call.number("alpha", 0.01)));
  if (op == "Elu") return call.give(call.apply(x, "elu", call.number("alpha", 1)));
  call.unmapped("has an alpha of ", call.number("alpha", 1), ", which no activation here has");
}

void read_clip(GeneralCall& call) {
  constexpr double all = std::numeric_limits<float>::max();
  const bool numbers =
      (!call.has(1) || call.is_constant(1)) && (!call.has(2) || call.is_constant(2));
  if (!numbers) {
    View y = call.view(0);
    if (call.has(1)) y = call.pairwise("max", y, call.view(1));
    if (call.has(2)) y = call.pairwise("min", y, call.view(2));
    return call.give(y, call.tensor(0).whole);
  }
  const auto limit = [&](int input, std::string_view name, double otherwise) {
    if (!call.has(input)) return call.number(name, otherwise);
    if (call.constant(input).size() != 1) fail(call.where(), " has limits that are no numbers");
    return std::clamp(tidy(call.constant(input).scalar()), -all, all);
  };
  call.give(call.apply(call.view(0), "clip", limit(1, "min", -all), limit(2, "max", all)),
            call.tensor(0).whole);
}

void read_hard_sigmoid(GeneralCall& call) {
  call.give(call.apply(call.view(0), "hard_sigmoid", call.number("alpha", 0.2),
                       call.number("beta", 0.5)));
}

void read_selu(GeneralCall& call) {
  const bool old = call.reader.operator_set() < 6;
  call.give(call.apply(call.view(0), "selu", call.number("alpha", old ? 1.6732 : 1.6732632),
                       call.number("gamma", old ? 1.0507 : 1.050701)));
}

void read_shrink(GeneralCall& call) {
  call.give(call.apply(call.view(0), "shrink", call.number("lambd", 0.5), call.number("bias", 0)));
}

View activated(GeneralCall& call, std::string_view row) {
  graph::Attributes attributes;
  attributes.set("row", std::string(row));
  const View x = call.view(0);
  return {graph::add_activation(call.graph(), x.node, attributes, call.label()), x.axes};
}

void read_gelu(GeneralCall& call) {
  call.give(activated(call, call.word("approximate", "none") == "tanh" ? "gelu_tanh" : "gelu"));
}

void read_swish(GeneralCall& call) {
  const View x = call.view(0);
  const double alpha = call.number("alpha", 1);
  const View scaled = alpha == 1 ? x : call.pairwise("multiply", x, alpha);
  call.give(call.pairwise("multiply", x, call.apply(scaled, "sigmoid")));
}

void read_mish(GeneralCall& call) { call.give(activated(call, "mish")); }

void read_identity(GeneralCall& call) { call.give(call.tensor(0)); }

void read_dropout(GeneralCall& call) {
  if (call.has(2) &&
      (!call.is_constant(2) || call.constant(2).size() != 1 || call.constant(2).scalar() != 0))
    call.unmapped("is in training mode; export the model in evaluation mode");
  call.give(call.tensor(0));
}

/// Among numbers and truth values; a constant changes its kind, a value only its meaning.
void read_cast(GeneralCall& call) {
  const auto to = call.integer("to", 0);
  if (to == pb::TensorProto::STRING) call.unmapped("makes texts of numbers");
  const bool floats = to == pb::TensorProto::FLOAT || to == pb::TensorProto::DOUBLE ||
                      to == pb::TensorProto::FLOAT16 || to == pb::TensorProto::BFLOAT16;
  const Tensor& x = call.tensor(0);
  if (to == pb::TensorProto::BOOL)
    return call.give(call.apply(call.apply(call.view(0), "not"), "not"), true);
  if (x.constant) {
    Constant constant{.extents = x.constant->extents, .whole = !floats};
    if (floats) constant.floats = x.constant->as_floats();
    if (!floats && x.constant->whole) constant.integers = x.constant->integers;
    if (!floats && !x.constant->whole)
      for (const float number : x.constant->floats)
        constant.integers.push_back(
            static_cast<std::int64_t>(std::clamp(std::isnan(number) ? 0 : number, -9e18f, 9e18f)));
    return call.give(std::move(constant));
  }
  if (to == pb::TensorProto::FLOAT16 || to == pb::TensorProto::BFLOAT16)
    call.unmapped("rounds to floats of 16 bits; export the model as float32");
  const bool cuts = !floats && !x.whole;
  call.give(cuts ? call.pairwise("quotient", x.view, 1) : x.view, !floats);
}

void read_cast_like(GeneralCall& call) {
  const int type = call.reader.element_type(call.node.input(1));
  if (type == pb::TensorProto::FLOAT16 || type == pb::TensorProto::BFLOAT16)
    call.unmapped("rounds to floats of 16 bits; export the model as float32");
  const bool cuts = call.tensor(1).whole && !call.tensor(0).whole;
  const View x = call.view(0);
  call.give(cuts ? call.pairwise("quotient", x, 1) : x, call.tensor(1).whole);
}

}  // namespace

std::span<const Mapping> functions() {
  static const Mapping all[] = {
      {.onnx = "Abs", .general = read},
      {.onnx = "Acos", .general = read},
      {.onnx = "Acosh", .general = read},
      {.onnx = "Asin", .general = read},
      {.onnx = "Asinh", .general = read},
      {.onnx = "Atan", .general = read},
      {.onnx = "Atanh", .general = read},
      {.onnx = "Ceil", .general = read},
      {.onnx = "Cos", .general = read},
      {.onnx = "Cosh", .general = read},
      {.onnx = "Erf", .general = read},
      {.onnx = "Exp", .general = read},
      {.onnx = "Floor", .general = read},
      {.onnx = "HardSwish", .general = read_row},
      {.onnx = "IsNaN", .general = read},
      {.onnx = "Log", .general = read},
      {.onnx = "Mish", .general = read_mish},
      {.onnx = "Swish", .general = read_swish},
      {.onnx = "Neg", .general = read},
      {.onnx = "Not", .general = read},
      {.onnx = "Reciprocal", .general = read},
      {.onnx = "Round", .general = read},
      {.onnx = "Sign", .general = read},
      {.onnx = "Sin", .general = read},
      {.onnx = "Sinh", .general = read},
      {.onnx = "Sqrt", .general = read},
      {.onnx = "Tan", .general = read},
      {.onnx = "Relu", .general = read_row},
      {.onnx = "LeakyRelu", .general = read_row},
      {.onnx = "Elu", .general = read_row},
      {.onnx = "Celu", .general = read_row},
      {.onnx = "Softplus", .general = read_row},
      {.onnx = "Sigmoid", .general = read_row},
      {.onnx = "Tanh", .general = read_row},
      {.onnx = "Softsign", .general = read_row},
      {.onnx = "ThresholdedRelu", .general = read_row},
      {.onnx = "Clip", .general = read_clip},
      {.onnx = "HardSigmoid", .general = read_hard_sigmoid},
      {.onnx = "Selu", .general = read_selu},
      {.onnx = "Shrink", .general = read_shrink},
      {.onnx = "Gelu", .general = read_gelu},
      {.onnx = "Identity", .general = read_identity},
      {.onnx = "Dropout", .general = read_dropout},
      {.onnx = "Cast", .general = read_cast},
      {.onnx = "CastLike", .general = read_cast_like},
  };
  return all;
}

}  // namespace rectify::onnx::ops
