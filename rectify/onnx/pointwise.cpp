#include "rectify/onnx/pointwise.h"

#include <algorithm>

namespace rectify::onnx {

namespace {

constexpr int most_depth = 1000;  // nested formulas are taken apart by recursion

bool single(const Constant& c) { return c.size() == 1; }

/// Gives the node a constant, from constants of one shape and single numbers.
void give_constant(Call& call, const std::vector<Value>& arguments, const Pointwise& f) {
  Constant result{.extents = arguments[0].constant->extents};
  for (const Value& a : arguments)
    if (a.constant->extents.size() > result.extents.size() ||
        (single(result) && !single(*a.constant)))
      result.extents = a.constant->extents;
  std::vector<std::vector<float>> numbers;
  for (const Value& a : arguments) {
    if (!single(*a.constant) && a.constant->extents != result.extents)
      call.unmapped("joins constants of different shapes");
    numbers.push_back(a.constant->as_floats());
    result.whole = result.whole || a.constant->whole;
  }
  std::vector<double> x(arguments.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(result.size()); ++i) {
    for (std::size_t k = 0; k < x.size(); ++k)
      x[k] = numbers[k].size() == 1 ? numbers[k][0] : numbers[k][i];
    result.floats.push_back(static_cast<float>(f(x)));
  }
  if (result.whole) call.unmapped("computes with whole numbers");
  call.give(std::move(result));
}

}  // namespace

std::vector<Value> arguments_of(const Call& call) {
  std::vector<Value> all;
  for (int i = 0; i < call.node.input_size(); ++i) all.push_back(call.value(i));
  if (all.empty()) fail(call.where(), " has no inputs");
  return all;
}

bool same_base(const Value& a, const Value& b) {
  return a.view.node == b.view.node && a.view.axes == b.view.axes && a.part_axis == b.part_axis &&
         a.part_first == b.part_first && a.part_size == b.part_size && a.mean_axis == b.mean_axis &&
         a.centred_axis == b.centred_axis && a.offset == b.offset && a.fit == b.fit &&
         a.ids == b.ids && (a.mean_axis < 0 || a.formula == b.formula);
}

void give_pointwise(Call& call, std::vector<Value> arguments, const Pointwise& f,
                    const std::function<Value(Reader&, const std::vector<Value>&)>& join) {
  const Value* base = nullptr;
  bool one = true;
  for (const Value& a : arguments) {
    if (a.constant && !(single(*a.constant))) one = false;
    if (a.constant) continue;
    if (!base) base = &a;
    if (!same_base(*base, a)) one = false;
    if (a.fit || a.ids) call.unmapped("reads ", a.ids ? "whole numbers" : "scores of an attention");
  }
  if (!base) return give_constant(call, arguments, f);
  for (const Value& a : arguments)
    if (a.constant && a.constant->extents.size() > base->view.axes.size() + 1) one = false;
  if (!one) return call.give(join(call.reader, arguments));

  const bool mean = base->mean_axis >= 0;
  std::vector<Argument> inner;
  for (const Value& a : arguments)
    if (a.constant)
      inner.push_back({.constant = a.constant->scalar()});
    else
      inner.push_back({.formula = mean ? a.outer : a.formula});
  const std::shared_ptr<Formula> formula = compose(f, std::move(inner));
  if (formula->depth > most_depth) call.unmapped("ends a function of too many nodes");
  formula->last = call.node.op_type();
  formula->label = call.node.name();
  Value result = *base;
  formula->otherwise = [join, arguments](Reader& reader) { return join(reader, arguments).view; };
  (mean ? result.outer : result.formula) = formula;
  // A value that several nodes read becomes a node of its own if it can: the nodes that read it are
  // recognised from there.
  if (result.whole() && call.reader.readers(call.node.output(0)) > 1 && row_of(*formula))
    return call.give(call.reader.view(result, call.where()));
  call.give(std::move(result));
}

}  // namespace rectify::onnx
