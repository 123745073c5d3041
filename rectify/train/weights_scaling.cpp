#include "rectify/train/weights_scaling.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/model/file.h"

namespace rectify::train {

std::optional<data::Normalisation> scaling_of_weights(const std::filesystem::path& file) {
  if (file.extension() == ".npz") return {};
  try {
    const model::Model model = model::load_model(file);
    if (model.guessed) return {};
    return model.normalisation;
  } catch (const Error&) {  // tensors alone; whoever takes them says what else may be wrong
    return {};
  }
}

double distance(const data::Normalisation& a, const data::Normalisation& b, std::size_t features) {
  constexpr double most = 10;  // of one feature, which is not to decide alone
  double sum = 0;
  for (std::size_t i = 0; i < features; ++i) {
    const data::Scaling &one = a.inputs[i % a.inputs.size()],
                        &other = b.inputs[i % b.inputs.size()];
    if (one.scale == 0 || other.scale == 0) continue;  // constant, of which nothing is known
    const double ratio = std::abs(static_cast<double>(one.scale) / other.scale);
    const double shift = (static_cast<double>(other.mean) - one.mean) * one.scale;
    sum += std::min(most, std::abs(std::log(ratio)) + std::abs(shift));
  }
  return features == 0 ? 0 : sum / static_cast<double>(features);
}

data::Normaliser nearest_normaliser(const data::Normalisation& wanted, const data::Dataset& dataset,
                                    std::span<const std::uint32_t> rows, data::Normaliser usual,
                                    ThreadPool& threads) {
  constexpr double clearly = 1e-3;
  const auto apart = [&](data::Normaliser how) {
    return distance(wanted, data::normalisation_of(dataset, rows, threads, how),
                    dataset.features());
  };
  data::Normaliser nearest = usual;
  double least = apart(usual);
  for (const data::Normaliser how : all_values<data::Normaliser>()) {
    if (how == usual) continue;
    const double to = apart(how);
    if (!(to < least - clearly)) continue;
    nearest = how;
    least = to;
  }
  return nearest;
}

}  // namespace rectify::train
