#include "rectify/verify/falls.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/random.h"
#include "rectify/verify/slopes.h"

namespace rectify::verify {

namespace {

/// Places along the feature, drawn inputs, numbers in these at most, and inputs that it goes down
/// from.
constexpr std::size_t scan_places = 33, most_drawn = 256, most_scanned = std::size_t{1} << 22,
                      most_descents = 12;
constexpr std::size_t descent_steps = 40;

}  // namespace

FallSearch::FallSearch(const model::Predictor& predictor, const Network& network,
                       const MonotoneQuestion& question, double double_error)
    : predictor_(predictor),
      network_(network),
      question_(question),
      box_(question.box),
      double_error_(double_error),
      sign_(question.decreasing ? -1 : 1) {}

// The least difference of a later output and an earlier one, by one pass over the places.
FallSearch::Pair FallSearch::least_rise(std::span<const float> x, double low, double high) const {
  const std::size_t inputs = x.size(), outputs = predictor_.outputs(), k = question_.feature;
  std::vector<float> all, answers(scan_places * outputs);
  for (std::size_t p = 0; p < scan_places; ++p) {
    all.insert(all.end(), x.begin(), x.end());
    const double at = low + (high - low) * static_cast<double>(p) / (scan_places - 1);
    all[p * inputs + k] = std::clamp(static_cast<float>(at), box_.lower[k], box_.upper[k]);
  }
  predictor_.run(all, answers);
  const auto output = [&](std::size_t p) {
    return sign_ * answers[p * outputs + question_.output];
  };
  Pair best{all[k], all[inputs + k], output(1) - output(0)};
  std::size_t greatest = 0;
  for (std::size_t p = 1; p < scan_places; ++p) {
    if (const double rise = output(p) - output(greatest); rise < best.rise)
      best = {all[greatest * inputs + k], all[p * inputs + k], rise};
    if (output(p) > output(greatest)) greatest = p;
  }
  return best;
}

std::optional<Fall> FallSearch::confirmed(std::span<const float> x, const Pair& pair) const {
  if (!(pair.low < pair.high)) return std::nullopt;
  Fall fall{{x.begin(), x.end()}, {x.begin(), x.end()}};
  fall.before[question_.feature] = static_cast<float>(pair.low);
  fall.after[question_.feature] = static_cast<float>(pair.high);
  std::vector<float> y(predictor_.outputs());
  predictor_.run(fall.before, y);
  fall.output_before = y[question_.output];
  predictor_.run(fall.after, y);
  fall.output_after = y[question_.output];
  if (!(sign_ * fall.output_after < sign_ * fall.output_before)) return std::nullopt;
  // The real network falls too, for sure.
  if (!(rise_of({x.begin(), x.end()}, pair) < -2 * double_error_)) return std::nullopt;
  return fall;
}

double FallSearch::rise_of(std::vector<double> x, const Pair& pair) const {
  x[question_.feature] = pair.low;
  const double before = outputs_at(network_, x)[question_.output];
  x[question_.feature] = pair.high;
  return sign_ * (outputs_at(network_, x)[question_.output] - before);
}

// Steps along the signs of the gradient of the rise in all other features; longer after each
// success.
void FallSearch::descend(std::vector<double>& x, const Pair& pair) const {
  std::vector<double> coefficients(network_.outputs());
  coefficients[question_.output] = sign_;
  double here = rise_of(x, pair), share = 0.1;
  for (std::size_t n = 0; n < descent_steps && share > 1e-4; ++n) {
    x[question_.feature] = pair.high;
    std::vector<double> slopes = slopes_at(network_, x, coefficients);
    x[question_.feature] = pair.low;
    const std::vector<double> below = slopes_at(network_, x, coefficients);
    std::vector<double> to = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double slope = slopes[i] - below[i];
      if (i == question_.feature || slope == 0) continue;
      const double step = share * (double{box_.upper[i]} - box_.lower[i]);
      to[i] = std::clamp<double>(x[i] + (slope > 0 ? -step : step), box_.lower[i], box_.upper[i]);
    }
    if (const double there = rise_of(to, pair); there < here)
      x = std::move(to), here = there, share *= 1.5;
    else
      share *= 0.4;
  }
}

std::optional<Fall> FallSearch::try_at(const BoxPart& part) const {
  const std::size_t k = question_.feature;
  const std::vector<float> at = rounded_into(box_, part.x);
  if (auto fall = confirmed(at, least_rise(at, box_.lower[k], box_.upper[k]))) return fall;
  std::vector<double> middle(part.x.size());
  for (std::size_t i = 0; i < middle.size(); ++i)
    middle[i] = part.box.lower[i] + (part.box.upper[i] - part.box.lower[i]) / 2;
  const std::vector<float> within = rounded_into(box_, middle);
  return confirmed(within, least_rise(within, part.box.lower[k], part.box.upper[k]));
}

std::optional<Fall> FallSearch::try_at_random(std::uint64_t seed, const Deadline& deadline) const {
  const std::size_t inputs = predictor_.inputs(), k = question_.feature;
  const std::size_t drawn =
      std::clamp(most_scanned / (scan_places * inputs), most_descents, most_drawn);
  const Random random(seed, 0xfa11);
  std::vector<std::pair<Pair, std::vector<float>>> found;
  for (std::size_t n = 0; n < drawn && !deadline.has_passed(0.2); ++n) {
    std::vector<double> x(inputs);
    for (std::size_t i = 0; i < inputs; ++i) {
      const double share = random.uniform(n * inputs + i);
      // In turns: the middle or a drawn input, and a drawn corner.
      const double at = n == 0 ? 0.5 : n % 2 == 1 ? std::round(share) : share;
      x[i] = box_.lower[i] + at * (double{box_.upper[i]} - box_.lower[i]);
    }
    const std::vector<float> rounded = rounded_into(box_, x);
    found.push_back({least_rise(rounded, box_.lower[k], box_.upper[k]), rounded});
  }
  std::ranges::stable_sort(found, std::less(), [](const auto& one) { return one.first.rise; });
  found.resize(std::min(found.size(), most_descents));
  std::optional<Fall> best;
  for (const auto& [pair, at] : found) {
    if (deadline.has_passed(0.3)) break;
    std::vector<double> x(at.begin(), at.end());
    descend(x, pair);
    for (const std::vector<float>& from : {at, rounded_into(box_, x)}) {
      auto fall = confirmed(from, least_rise(from, box_.lower[k], box_.upper[k]));
      const auto depth = [&](const Fall& f) { return sign_ * (f.output_before - f.output_after); };
      if (fall && (!best || depth(*fall) > depth(*best))) best = std::move(fall);
    }
  }
  return best;
}

}  // namespace rectify::verify
