#pragma once

#include <functional>
#include <span>
#include <vector>

#include "rectify/onnx/reader.h"

namespace rectify::onnx {

/// Gives y = f(a, b, ...), element by element, of the inputs of a node: a constant where all are
/// constants, a formula where one value and single numbers are, else what `join` makes of them,
/// which throws Unmapped where it cannot.
void give_pointwise(Call& call, std::vector<Value> arguments,
                    const std::function<double(std::span<const double>)>& f,
                    const std::function<Value(Reader&, const std::vector<Value>&)>& join);

/// All inputs of a node.
std::vector<Value> arguments_of(const Call& call);

/// Whether two values are functions of the same numbers.
bool same_base(const Value& a, const Value& b);

/// What a formula is at the sample places; the places themselves where there is none.
const Samples& samples_of(const std::shared_ptr<Formula>& formula);

}  // namespace rectify::onnx
