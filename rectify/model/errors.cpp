#include "rectify/model/errors.h"

#include <cmath>
#include <limits>

namespace rectify::model {

double squared_error(std::span<const float> answers, std::span<const float> targets,
                     const data::Normalisation& normalisation) {
  double sum = 0;
  for (std::size_t j = 0; j < answers.size(); ++j) {
    const data::Scaling by =
        normalisation.targets.empty() ? data::Scaling{} : normalisation.targets[j];
    const double difference = static_cast<double>(answers[j]) / by.scale + by.mean - targets[j];
    sum += difference * difference;
  }
  return sum / static_cast<double>(answers.size());
}

double wrong_share(std::span<const float> outputs, std::span<const std::int32_t> labels,
                   const std::string& loss, std::vector<std::vector<std::int64_t>>* confusion) {
  const std::size_t width = outputs.size() / labels.size();
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int32_t guess = predicted_class(outputs.subspan(i * width, width), loss);
    wrong += guess != labels[i];
    if (confusion && guess >= 0) ++(*confusion)[labels[i]][guess];
  }
  return static_cast<double>(wrong) / static_cast<double>(labels.size());
}

std::int32_t predicted_class(std::span<const float> outputs, const std::string& loss) {
  if (outputs.size() == 1) {
    if (std::isnan(outputs[0])) return -1;
    return outputs[0] > (loss == "mean_squared_error" ? 0.5f : 0.0f) ? 1 : 0;
  }
  std::int32_t best = -1;
  float most = -std::numeric_limits<float>::infinity();
  for (std::size_t j = 0; j < outputs.size(); ++j) {  // without branches: they cannot be predicted
    const bool more = (outputs[j] > most) | ((best < 0) & (outputs[j] == most));
    best = more ? static_cast<std::int32_t>(j) : best;
    most = more ? outputs[j] : most;
  }
  return best;
}

}  // namespace rectify::model
