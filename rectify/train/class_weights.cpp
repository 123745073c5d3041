#include "rectify/train/class_weights.h"

#include <algorithm>

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

}  // namespace rectify::train
