#pragma once

#include "rectify/model/evaluate.h"
#include "rectify/report/training.h"
#include "rectify/train/trainer.h"

namespace rectify::lab {

/// Adds what the best weights answer to the test split: errors, scores of classes or residuals, the
/// worst samples. `test` is trainer.evaluate_test(true). The classes of `run` are counted already.
void add_test_answers(report::Training& run, train::Trainer& trainer,
                      const model::Evaluation& test);

}  // namespace rectify::lab
