#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/run/plan.h"

namespace rectify::train {

/// The factor on the loss of the samples of each class, by Options::class_weights. `none`: empty.
/// `balanced`: n / (classes x samples of the class), so that each class counts the same in all and
/// the mean over `samples` stays 1 (scikit-learn's "balanced"); 1 for a class without samples. A
/// list: the numbers that it gives, and 1 for other classes. Throws Error for a class that the data
/// lack, and for data without classes.
///
///     class_weights("balanced", dataset, rows);  // 90 cats, 10 dogs: {0.5556, 5}
///     class_weights("dog=3", dataset, rows);     // {1, 3}
std::vector<float> class_weights(const std::string& text, const data::Dataset& dataset,
                                 std::span<const std::uint32_t> samples);

/// The list that is neither `none` nor `balanced`. Throws Error for what is no list.
std::vector<std::pair<std::string, double>> parse_weights(const std::string& text);

/// Fills the input "target_weight" of a plan with the weights of the samples' labels.
void fill_class_weights(run::Plan& plan, const graph::Graph& graph, const data::Split& split,
                        std::span<const std::uint32_t> samples, std::span<const float> weights);

/// The share of wrong answers where each sample counts as its class weighs, [0, 1]: balanced, the
/// mean over the classes of the error in each. `confusion` is that of an evaluation,
/// [true class][predicted class]. 0 where all that was answered weighs nothing.
///
///     weighted_error({{90, 0}, {10, 0}}, {0.5556, 5});  // 0.5: no dog was found
double weighted_error(const std::vector<std::vector<std::int64_t>>& confusion,
                      std::span<const float> weights);

/// What the best answer that is the same for all samples costs under class weights: its weighted
/// error, and its weighted cross-entropy in nats, a mean over the samples as in training.
struct ConstantAnswer {
  double error = 0, cross_entropy = 0;
};
/// Of `counts[c]` samples of class c.
ConstantAnswer best_constant_answer(std::span<const std::int64_t> counts,
                                    std::span<const float> weights);

/// How many samples of equal weight tell as much as these: (sum of the weights)^2 / (sum of their
/// squares), of Kish 1965. 0 where nothing weighs anything.
double effective_samples(std::span<const std::int64_t> counts, std::span<const float> weights);

}  // namespace rectify::train
