#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::lab {

/// Finds the figures that an expression names: those called `figure` of all cells that `cell`
/// means, in the order of the cells. A part of `cell` that is `*` stands for anything; an empty
/// `cell` is that of an experiment with only one. None: nothing was measured there.
using Lookup =
    std::function<std::vector<double>(const std::string& figure, const std::string& cell)>;

/// The value of arithmetic over figures, which is how a recipe says what a claim is about:
///
///     test_error[tanh] - test_error[relu]
///     log10(gradient[sigmoid, 20]) / 20
///     max(zeros[*])
///
/// A figure is a name, with its cell in brackets where there are several. There are + - * / and
/// parentheses; min, max, mean of any number of values, the difference `spread` of the largest and
/// the smallest, `rises`, which is 1 where each value is larger than the one before and else 0, and
/// `rank`; abs, sqrt, exp, log, log10 of one. `rank(x, all)` is the place of x among those that
/// follow, of which it is one, from 1 for the lowest; values that are equal share the mean of their
/// places, so that of nine that are all alike each has place 5. Throws Error, which shows the
/// place, for a text that is no expression; the value is NaN where a figure was not measured.
double evaluate(std::string_view expression, const Lookup& lookup);

}  // namespace rectify::lab
