#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rectify/lab/recipe.h"

/// What a recipe sets, in words for a page.
namespace rectify::lab {

/// The options that the recipe sets for the cells of a mode, each with its text, such as "train"
/// and "epochs = 4, lr = 0.1 (in 2 of 3 cells)": one that all cells set otherwise is left out.
std::vector<std::pair<std::string, std::string>> option_words(const Recipe& recipe, bool full);

/// What `seeds` seeds of the quick mode have otherwise than the full mode, such as
/// "reach = 65 (full: 25), samples = 1200 (full: all)". Empty where nothing is.
std::string words_in_short(const Recipe& recipe, int seeds);

}  // namespace rectify::lab
