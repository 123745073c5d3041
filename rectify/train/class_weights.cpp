#include "rectify/train/class_weights.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/model/fill.h"
#include "rectify/train/options.h"

namespace rectify::train {

namespace {

std::vector<float> balanced(const data::Dataset& dataset, std::span<const std::uint32_t> samples) {
  std::vector<double> counts(dataset.classes());
  double all = 0;
  for (const std::uint32_t sample : samples)
    for (const std::int32_t label : model::labels_of(dataset.train, sample)) {
      ++counts[static_cast<std::size_t>(label)];
      ++all;
    }
  std::vector<float> weights;
  for (const double count : counts)
    weights.push_back(
        count == 0 ? 1.0f : static_cast<float>(all / (static_cast<double>(counts.size()) * count)));
  return weights;
}

}  // namespace

std::vector<std::pair<std::string, double>> parse_weights(const std::string& text) {
  return parse_by_label("class-weights", text, "cat=2,dog=0.5");
}

std::vector<float> class_weights(const std::string& text, const data::Dataset& dataset,
                                 std::span<const std::uint32_t> samples) {
  if (text == "none") return {};
  if (dataset.classes() == 0)
    fail("--class-weights weighs classes, but the targets of ", dataset.spec, " are numbers");
  if (text == "balanced") return balanced(dataset, samples);
  std::vector<float> weights(dataset.classes(), 1.0f);
  for (const auto& [name, weight] : parse_weights(text)) {
    const auto found = std::ranges::find(dataset.class_names, name);
    if (found == dataset.class_names.end())
      fail("--class-weights: ", dataset.spec, " has no class '", name, "'",
           suggestion(name, dataset.class_names));
    weights[static_cast<std::size_t>(found - dataset.class_names.begin())] =
        static_cast<float>(weight);
  }
  return weights;
}

void fill_class_weights(run::Plan& plan, const graph::Graph& graph, const data::Split& split,
                        std::span<const std::uint32_t> samples, std::span<const float> weights) {
  float* weight = plan.input(graph.find("target_weight"));
  for (const std::uint32_t sample : samples)
    for (const std::int32_t label : model::labels_of(split, sample))
      *weight++ = weights[static_cast<std::size_t>(label)];
}

double weighted_error(const std::vector<std::vector<std::int64_t>>& confusion,
                      std::span<const float> weights) {
  double wrong = 0, all = 0;
  for (std::size_t of = 0; of < confusion.size(); ++of)
    for (std::size_t answer = 0; answer < confusion[of].size(); ++answer) {
      const double counted = weights[of] * static_cast<double>(confusion[of][answer]);
      all += counted;
      if (answer != of) wrong += counted;
    }
  return all > 0 ? wrong / all : 0;
}

ConstantAnswer best_constant_answer(std::span<const std::int64_t> counts,
                                    std::span<const float> weights) {
  double samples = 0, all = 0, most = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const double counted = weights[c] * static_cast<double>(counts[c]);
    samples += static_cast<double>(counts[c]);
    all += counted;
    most = std::max(most, counted);
  }
  if (!(all > 0)) return {};
  ConstantAnswer best{.error = 1 - most / all};
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const double counted = weights[c] * static_cast<double>(counts[c]);
    if (counted > 0) best.cross_entropy -= counted / samples * std::log(counted / all);
  }
  return best;
}

double effective_samples(std::span<const std::int64_t> counts, std::span<const float> weights) {
  double sum = 0, squares = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const double weight = weights[c], count = static_cast<double>(counts[c]);
    sum += weight * count;
    squares += weight * weight * count;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

}  // namespace rectify::train
