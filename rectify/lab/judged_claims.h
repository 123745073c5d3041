#pragma once

#include <vector>

#include "rectify/lab/recipe.h"
#include "rectify/report/lab.h"

namespace rectify::lab {

/// Judges the claims of a recipe by what was measured. A claim has no value with a seed where the
/// run of a cell that it means lacks the figure.
std::vector<report::Claim> judge_claims(const Recipe& recipe,
                                        const std::vector<report::LabCell>& cells, bool stand_in);

/// Throws Error, which suggests the nearest, for a figure that a claim or a plot names and that no
/// run has, as soon as all `cells` that it means have been measured once; likewise for a plot's
/// series. Trainings that went non-finite have fewer figures and do not count.
void check_figures(const Recipe& recipe, const std::vector<RecipeCell>& cells,
                   const std::vector<report::LabCell>& measured);

}  // namespace rectify::lab
