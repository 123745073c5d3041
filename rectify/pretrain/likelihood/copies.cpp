#include "rectify/pretrain/likelihood/copies.h"

#include <algorithm>
#include <cmath>

namespace rectify::pretrain {

// Beyond k = 40, 1 - e^-k is 1 in double precision, and the coefficient of infinitely many copies
// does not change any more.
CopyCount::CopyCount(double copies) : copies_(copies), log_choose_{0} {
  const double last = std::isfinite(copies) ? copies : 40;
  for (double k = 0; k < last; ++k) {
    const double above = std::isfinite(copies) ? -std::expm1(-(copies - k)) : 1;
    ratio_.push_back(above / -std::expm1(-(k + 1)));
    log_choose_.push_back(log_choose_.back() + std::log(ratio_.back()));
  }
}

double CopyCount::log_choose(double k) const {
  return log_choose_[std::min(static_cast<std::size_t>(k), log_choose_.size() - 1)];
}

double CopyCount::choose_ratio(double k) const {
  return k < static_cast<double>(ratio_.size()) ? ratio_[static_cast<std::size_t>(k)] : 1;
}

double CopyCount::log_weight(double k) const { return log_choose(k) - k * k / 2; }

// From k to k + 1 a weight changes by exp(x - k - 1/2) and the ratio of the coefficients: about the
// weights of a normal distribution around x, of which ten on either side are all that shows.
CopyCount::Window CopyCount::window(double x) const {
  constexpr double least = 1e-17;
  constexpr std::size_t side = 14;
  Window w{.weight = {}, .first = 0, .likeliest = 0, .count = 1, .rest = 0};
  w.likeliest = std::clamp(std::round(x), 0.0, copies_);
  std::array<double, side> below;
  std::size_t lower = 0;
  const double step = std::exp(x - w.likeliest - 0.5);
  constexpr double e = 2.718281828459045;
  double weight = 1, up = step * e;
  for (double k = w.likeliest; k > 0 && lower < side; --k, up *= e) {
    weight /= up * choose_ratio(k - 1);
    if (weight < least) break;
    below[lower++] = weight;
  }
  w.first = w.likeliest - static_cast<double>(lower);
  w.count = 0;
  for (std::size_t i = lower; i-- > 0;) w.rest += w.weight[w.count++] = below[i];
  w.weight[w.count++] = 1;
  weight = 1, up = step;
  for (double k = w.likeliest; k < copies_ && w.count < w.weight.size(); ++k, up /= e) {
    weight *= up * choose_ratio(k);
    if (weight < least) break;
    w.rest += w.weight[w.count++] = weight;
  }
  return w;
}

double CopyCount::log_sum(double x) const {
  const Window w = window(x);
  return w.likeliest * x + log_weight(w.likeliest) + std::log1p(w.rest);
}

double CopyCount::mean(double x) const {
  const Window w = window(x);
  double sum = 0;
  for (std::size_t i = 0; i < w.count; ++i) sum += static_cast<double>(i) * w.weight[i];
  return w.first + sum / (1 + w.rest);
}

double CopyCount::sample(double x, double uniform) const {
  const Window w = window(x);
  double left = uniform * (1 + w.rest);
  std::size_t i = 0;
  while (i + 1 < w.count && (left -= w.weight[i]) > 0) ++i;
  return w.first + static_cast<double>(i);
}

}  // namespace rectify::pretrain
