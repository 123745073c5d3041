#pragma once

#include <functional>
#include <span>
#include <vector>

#include "rectify/onnx/reader.h"

namespace rectify::onnx {

/// Gives a node the value y = f(a, b, ...), element by element over its inputs. If all inputs are
/// constants, y is a constant. If one input is a value and the others are single numbers, y is a
/// Formula. Otherwise y is what `join` returns, which throws Unmapped if it cannot join them.
void give_pointwise(Call& call, std::vector<Value> arguments, const Pointwise& f,
                    const std::function<Value(Reader&, const std::vector<Value>&)>& join);

/// All inputs of a node.
std::vector<Value> arguments_of(const Call& call);

/// Whether two values are functions of the same numbers.
bool same_base(const Value& a, const Value& b);

}  // namespace rectify::onnx
