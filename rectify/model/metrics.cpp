#include "rectify/model/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "rectify/model/errors.h"
#include "rectify/model/fill.h"

namespace rectify::model {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool knows_probabilities(const std::string& loss) { return loss.ends_with("cross_entropy"); }

/// log(sum exp z), which no output overflows.
double log_sum(std::span<const float> z) {
  const double largest = *std::ranges::max_element(z);
  double sum = 0;
  for (const float v : z) sum += std::exp(v - largest);
  return largest + std::log(sum);
}

double log_sigmoid(double z) { return std::min(z, 0.0) - std::log1p(std::exp(-std::abs(z))); }

/// The logarithm of the probability of a class. A sigmoid for each of several outputs counts on its
/// own.
double log_probability(std::span<const float> z, std::size_t c, const std::string& loss) {
  if (z.size() == 1) return log_sigmoid(c == 1 ? z[0] : -z[0]);
  return loss == "sigmoid_cross_entropy" ? log_sigmoid(z[c]) : z[c] - log_sum(z);
}

/// What samples are ranked by to tell class c from the rest.
double rank_by(std::span<const float> z, std::size_t c, const std::string& loss) {
  if (knows_probabilities(loss)) return log_probability(z, c, loss);
  return z.size() == 1 ? (c == 1 ? z[0] : -z[0]) : z[c];
}

/// By how much another class is preferred to the true one.
double margin(std::span<const float> z, std::size_t truth, const std::string& loss) {
  if (z.size() == 1) {
    const double edge = loss == "mean_squared_error" ? 0.5 : 0;
    return truth == 1 ? edge - z[0] : z[0] - edge;
  }
  double other = -std::numeric_limits<double>::infinity();
  for (std::size_t j = 0; j < z.size(); ++j)
    if (j != truth) other = std::max(other, static_cast<double>(z[j]));
  return other - z[truth];
}

/// The probability that a sample of the class ranks above one of the rest (Hanley & McNeil 1982),
/// from the sum of the ranks; equal scores share their ranks.
double area(std::span<const double> scores, const std::vector<bool>& is_of_class) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });
  double ranks = 0, inside = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    double of_class = 0;
    for (; end < order.size() && scores[order[end]] == scores[order[first]]; ++end)
      of_class += is_of_class[order[end]];
    ranks += of_class * (static_cast<double>(first + end) + 1) / 2;
    inside += of_class;
    first = end;
  }
  const double outside = static_cast<double>(scores.size()) - inside;
  return inside == 0 || outside == 0 ? nan
                                     : (ranks - inside * (inside + 1) / 2) / (inside * outside);
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? nan : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<ClassScores> class_scores(std::span<const float> outputs,
                                      std::span<const std::int32_t> labels, std::size_t classes,
                                      const std::string& loss) {
  std::vector<ClassScores> all(classes);
  if (labels.empty()) return all;
  const std::size_t width = outputs.size() / labels.size();
  std::vector<std::int64_t> right(classes), taken(classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int32_t guess = predicted_class(outputs.subspan(i * width, width), loss);
    const auto truth = static_cast<std::size_t>(labels[i]);
    ++all[truth].samples;
    if (guess >= 0) ++taken[static_cast<std::size_t>(guess)];
    right[truth] += guess == labels[i];
  }
  std::vector<double> scores(labels.size());
  std::vector<bool> is_of_class(labels.size());
  for (std::size_t c = 0; c < classes; ++c) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      scores[i] = rank_by(outputs.subspan(i * width, width), c, loss);
      if (std::isnan(scores[i])) scores[i] = -std::numeric_limits<double>::infinity();
      is_of_class[i] = labels[i] == static_cast<std::int32_t>(c);
    }
    all[c].precision = ratio(right[c], taken[c]);
    all[c].recall = ratio(right[c], all[c].samples);
    all[c].f1 = ratio(2 * right[c], taken[c] + all[c].samples);
    all[c].auc = area(scores, is_of_class);
  }
  return all;
}

ClassScores mean_scores(std::span<const ClassScores> scores) {
  const auto mean = [&](double ClassScores::*figure) {
    double sum = 0, count = 0;
    for (const ClassScores& one : scores)
      if (std::isfinite(one.*figure)) sum += one.*figure, ++count;
    return count == 0 ? nan : sum / count;
  };
  ClassScores all{.precision = mean(&ClassScores::precision),
                  .recall = mean(&ClassScores::recall),
                  .f1 = mean(&ClassScores::f1),
                  .auc = mean(&ClassScores::auc)};
  for (const ClassScores& one : scores) all.samples += one.samples;
  return all;
}

std::vector<double> probabilities(std::span<const float> outputs, const std::string& loss) {
  if (!knows_probabilities(loss)) return {};
  std::vector<double> all(std::max<std::size_t>(outputs.size(), 2));
  for (std::size_t c = 0; c < all.size(); ++c) all[c] = std::exp(log_probability(outputs, c, loss));
  return all;
}

std::vector<double> wrongness(std::span<const float> outputs, const data::Split& split,
                              std::span<const std::uint32_t> samples, const std::string& loss,
                              const data::Normalisation& normalisation) {
  std::vector<double> all;
  if (samples.empty()) return all;
  const std::size_t width = outputs.size() / samples.size();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::span<const float> answer = outputs.subspan(i * width, width);
    double sum = 0;
    if (split.labels.empty()) {
      for (std::size_t j = 0; j < width; ++j) {
        const data::Scaling by =
            normalisation.targets.empty() ? data::Scaling{} : normalisation.targets[j];
        const double target = (split.targets[samples[i] * width + j] - by.mean) * by.scale;
        sum += (answer[j] - target) * (answer[j] - target);
      }
      all.push_back(sum / static_cast<double>(width));
      continue;
    }
    const std::span<const std::int32_t> labels = labels_of(split, samples[i]);
    const std::size_t each = width / labels.size();
    for (std::size_t l = 0; l < labels.size(); ++l) {
      const std::span<const float> z = answer.subspan(l * each, each);
      const auto truth = static_cast<std::size_t>(labels[l]);
      sum += knows_probabilities(loss) ? -log_probability(z, truth, loss) : margin(z, truth, loss);
    }
    all.push_back(sum / static_cast<double>(labels.size()));
  }
  return all;
}

}  // namespace rectify::model
