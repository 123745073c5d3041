// Functions of one number, and of several numbers that are all functions of the same one. Models
// compose activations from them; here the row of the family is recognised.

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/activation/activation.h"
#include "rectify/onnx/attention.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/pointwise.h"

namespace rectify::onnx::ops {

namespace {

using Arguments = std::span<const double>;

struct Simple {
  std::string_view onnx;
  double (*f)(Arguments);
};

const Simple simple[] = {
    {"Abs", [](Arguments x) { return std::abs(x[0]); }},
    {"And", [](Arguments x) { return x[0] != 0 && x[1] != 0 ? 1.0 : 0.0; }},
    {"Cos", [](Arguments x) { return std::cos(x[0]); }},
    {"Equal", [](Arguments x) { return x[0] == x[1] ? 1.0 : 0.0; }},
    {"Erf", [](Arguments x) { return std::erf(x[0]); }},
    {"Exp", [](Arguments x) { return std::exp(x[0]); }},
    {"Greater", [](Arguments x) { return x[0] > x[1] ? 1.0 : 0.0; }},
    {"GreaterOrEqual", [](Arguments x) { return x[0] >= x[1] ? 1.0 : 0.0; }},
    {"Less", [](Arguments x) { return x[0] < x[1] ? 1.0 : 0.0; }},
    {"LessOrEqual", [](Arguments x) { return x[0] <= x[1] ? 1.0 : 0.0; }},
    {"Log", [](Arguments x) { return std::log(x[0]); }},
    {"Neg", [](Arguments x) { return -x[0]; }},
    {"Not", [](Arguments x) { return x[0] == 0 ? 1.0 : 0.0; }},
    {"Or", [](Arguments x) { return x[0] != 0 || x[1] != 0 ? 1.0 : 0.0; }},
    {"Pow", [](Arguments x) { return std::pow(x[0], x[1]); }},
    {"Reciprocal", [](Arguments x) { return 1 / x[0]; }},
    {"Sign", [](Arguments x) { return static_cast<double>((x[0] > 0) - (x[0] < 0)); }},
    {"Sin", [](Arguments x) { return std::sin(x[0]); }},
    {"Sqrt", [](Arguments x) { return std::sqrt(x[0]); }},
    {"Where", [](Arguments x) { return x[0] != 0 ? x[1] : x[2]; }},
};

/// Gives the node its formula. If the formula is not a row as a whole, its inner part is computed
/// as a node, if that is a row, and this function is applied to it.
void give(Call& call, std::vector<Value> arguments, const Pointwise& f) {
  const std::string where = call.where(), last = call.node.op_type(), label = call.node.name();
  const auto join = [f, where, last, label](Reader& reader, const std::vector<Value>& of) -> Value {
    const Value* base = nullptr;
    bool again = false;
    for (const Value& a : of) {
      if (a.constant) continue;
      if (base && (!same_base(*base, a) || base->formula != a.formula))
        base = nullptr;
      else
        base = &a;
      if (!base) break;
      again = a.formula != nullptr;
    }
    if (!base || !again) throw Unmapped(where + " is no part of an activation that is known");
    Value top{.view = reader.view(*base, where)};
    std::vector<Argument> inner;
    for (const Value& a : of)
      inner.push_back(a.constant ? Argument{.constant = a.constant->scalar()} : Argument{});
    top.formula = compose(f, std::move(inner));
    top.formula->last = last;
    top.formula->label = label;
    return Value{.view = reader.view(top, where)};
  };
  give_pointwise(call, std::move(arguments), f, join);
}

void read_simple(Call& call) {
  const auto found = std::ranges::find(simple, call.node.op_type(), &Simple::onnx);
  const std::string_view op = call.node.op_type();
  const std::size_t wants =
      op == "Where" ? 3
      : op == "Abs" || op == "Cos" || op == "Erf" || op == "Exp" || op == "Log" || op == "Neg" ||
              op == "Not" || op == "Reciprocal" || op == "Sign" || op == "Sin" || op == "Sqrt"
          ? 1
          : 2;
  std::vector<Value> arguments = arguments_of(call);
  if (arguments.size() != wants)
    fail(call.where(), " has ", arguments.size(), " inputs instead of ", wants);
  if (op == "Where" && give_fit(call, arguments)) return;
  give(call, std::move(arguments), found->f);
}

/// A number as a constant input, so that the formula knows it: a row's parameter, or a value of x
/// at which the function has a kink.
Value number(double value) {
  return Value{.constant =
                   std::make_shared<Constant>(Constant{.floats = {static_cast<float>(value)}})};
}

/// Reads the operator that ONNX has for a row: f is the row itself, its parameter is called alpha
/// in ONNX.
void read_row(Call& call) {
  for (const activation::Row& row : activation::family()) {
    if (row.onnx != call.node.op_type()) continue;
    activation::Parameters p = row.defaults();
    std::vector<Value> arguments = {call.value(0)};
    if (!row.parameters.empty() && row.name != "relu") {
      p[0] = call.number("alpha", p[0]);
      if (!std::isfinite(p[0])) fail(call.where(), " has an alpha that is no number");
      arguments.push_back(number(p[0]));
    }
    return give(call, std::move(arguments), [&row, p](Arguments x) { return row.value(x[0], p); });
  }
}

void read_clip(Call& call) {
  const double inf = std::numeric_limits<double>::infinity();
  const auto limit = [&](int input, std::string_view name, double otherwise) {
    if (!call.has(input)) return call.number(name, otherwise);
    if (call.constant(input).size() != 1) fail(call.where(), " has limits that are no numbers");
    return call.constant(input).scalar();
  };
  const double low = limit(1, "min", -inf), high = limit(2, "max", inf);
  std::vector<Value> arguments = {call.value(0)};
  for (const double kink : {low, high})
    if (std::isfinite(kink)) arguments.push_back(number(kink));
  give(call, std::move(arguments),
       [low, high](Arguments x) { return std::min(high, std::max(low, x[0])); });
}

void read_hard_sigmoid(Call& call) {
  const double a = call.number("alpha", 0.2f), b = call.number("beta", 0.5);
  std::vector<Value> arguments = {call.value(0)};
  for (const double kink : {-b / a, (1 - b) / a})
    if (std::isfinite(kink)) arguments.push_back(number(kink));
  give(call, std::move(arguments),
       [a, b](Arguments x) { return std::max(0.0, std::min(1.0, a * x[0] + b)); });
}

void read_selu(Call& call) {
  const bool old = call.reader.operator_set() < 6;
  const double a = call.number("alpha", old ? 1.6732 : 1.67326319217681884765625),
               g = call.number("gamma", old ? 1.0507 : 1.05070102214813232421875);
  give(call, {call.value(0)},
       [a, g](Arguments x) { return g * (x[0] > 0 ? x[0] : a * std::expm1(x[0])); });
}

void read_gelu(Call& call) {
  const activation::Row& row =
      activation::find(call.word("approximate", "none") == "tanh" ? "gelu_tanh" : "gelu");
  give(call, {call.value(0)}, [&row](Arguments x) { return row.value(x[0], row.defaults()); });
}

std::vector<Mapping> make() {
  std::vector<Mapping> all = {{.onnx = "Clip", .read = read_clip},
                              {.onnx = "HardSigmoid", .read = read_hard_sigmoid},
                              {.onnx = "Selu", .read = read_selu},
                              {.onnx = "Mish",
                               .read =
                                   [](Call& call) {
                                     const activation::Row& row = activation::find("mish");
                                     give(call, {call.value(0)}, [&row](Arguments x) {
                                       return row.value(x[0], row.defaults());
                                     });
                                   }},
                              {.onnx = "Gelu", .read = read_gelu}};
  const auto known = [&](std::string_view onnx) {
    return std::ranges::count(all, onnx, &Mapping::onnx) > 0;
  };
  for (const activation::Row& row : activation::family())
    if (!row.onnx.empty() && !known(row.onnx) && row.onnx != "Identity" && row.onnx != "PRelu")
      all.push_back({.onnx = row.onnx, .read = read_row});
  for (const Simple& s : simple) all.push_back({.onnx = s.onnx, .read = read_simple});
  return all;
}

}  // namespace

std::span<const Mapping> elementwise() {
  static const std::vector<Mapping> all = make();
  return all;
}

}  // namespace rectify::onnx::ops
