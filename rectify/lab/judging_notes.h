#pragma once

#include <string>
#include <vector>

#include "rectify/lab/summary.h"

namespace rectify::lab {

/// What a comparison says of its judging: that seeds stopped after different numbers of epochs, by
/// what best epochs were chosen where the table shows another error, and how sure the choices of
/// the rates are. `weights` are those of the classes, empty where all are 1.
std::vector<std::string> notes_on_judging(const CompareOptions& options,
                                          const std::vector<ActivationRuns>& all,
                                          const std::vector<float>& weights);

}  // namespace rectify::lab
