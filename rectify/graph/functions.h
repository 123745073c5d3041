#pragma once

#include <array>
#include <string_view>

namespace rectify::graph {

/// The functions of `apply`, y = f(x).
inline constexpr std::array<std::string_view, 37> functions_of_one = {
    "abs",       "acos",         "acosh",      "asin",   "asinh",  "atan",    "atanh", "ceil",
    "clip",      "cos",          "cosh",       "elu",    "erf",    "exp",     "floor", "gelu",
    "gelu_tanh", "hard_sigmoid", "hard_swish", "is_nan", "leaky",  "log",     "minus", "mish",
    "not",       "reciprocal",   "round",      "selu",   "shrink", "sigmoid", "sign",  "sin",
    "sinh",      "softplus",     "sqrt",       "tan",    "tanh"};

/// The functions of `pairwise`, y = f(a, b). What is true or false is 1 or 0.
inline constexpr std::array<std::string_view, 19> functions_of_two = {
    "add",   "and",      "divide", "equal",    "greater", "greater_equal", "less",     "less_equal",
    "max",   "min",      "modulo", "multiply", "or",      "power",         "quotient", "remainder",
    "slope", "subtract", "xor"};

/// What `reduce` makes of the elements along some axes.
inline constexpr std::array<std::string_view, 12> reductions = {
    "argmax", "argmin", "l1",  "l2",      "log_sum", "log_sum_exp",
    "max",    "mean",   "min", "product", "sum",     "sum_square"};

}  // namespace rectify::graph
