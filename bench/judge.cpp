#include "bench/judge.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>

namespace rectify::bench {
namespace {

constexpr double allowed_near_sign_change = 1e-7;
constexpr double contract_ulp = 4;  // of a row that does not say otherwise

/// A number that looks random, for i.
std::uint32_t scramble(std::uint64_t i) {
  i = (i ^ (i >> 31)) * 0x9e3779b97f4a7c15u;
  i = (i ^ (i >> 29)) * 0xbf58476d1ce4e5b9u;
  return static_cast<std::uint32_t>(i >> 32);
}

float uniform(double low, double high, std::uint64_t i) {
  return static_cast<float>(low + (high - low) * scramble(i) * 0x1p-32);
}

/// The i-th of the floats around the 513 multiples of 1/2 in [-128, 128].
float near_half(std::uint64_t i) {
  const float centre = static_cast<float>(static_cast<int>(i % 513) - 256) / 2;
  const std::uint64_t step = i / 513;
  const auto distance = static_cast<std::uint32_t>(step / 2);
  // At zero the neighbours are denormals; -0 has those below.
  std::uint32_t bits = std::bit_cast<std::uint32_t>(step % 2 ? -std::fabs(centre) : centre);
  if (centre == 0) return std::bit_cast<float>(bits + distance);
  bits = std::bit_cast<std::uint32_t>(centre);
  return std::bit_cast<float>(step % 2 ? bits - distance : bits + distance);
}

/// A wrong result as a number. An infinity counts as the power of two that would follow the largest
/// float: an overflow too early is as wrong as it is early.
double number_of(float got) { return std::isinf(got) ? std::copysign(0x1p128, got) : got; }

/// |got - want| in units in the last place of a float at want, which is not what got rounds to.
double ulps(double got, double want) {
  const int exponent = static_cast<int>(std::bit_cast<std::uint64_t>(want) >> 52 & 0x7ff) - 1023;
  const auto inverse = static_cast<std::uint64_t>(1023 + 23 - std::max(exponent, -126));
  return std::fabs(got - want) * std::bit_cast<double>(inverse << 52);
}

/// Of equal errors the one at the lowest bit pattern, so that threads may come in any order.
bool worse(double error, float x, double than, float at) {
  if (error != than) return error > than;
  return error > 0 && std::bit_cast<std::uint32_t>(x) < std::bit_cast<std::uint32_t>(at);
}

std::vector<double> find_sign_changes(double (*f)(double, const activation::Parameters&),
                                      const activation::Parameters& p) {
  std::vector<double> found;
  constexpr double step = 1.0 / 64;
  for (double x = -20; x < 20; x += step) {
    double low = x, high = x + step;
    const bool left = std::signbit(f(low, p));
    if (std::signbit(f(high, p)) == left) continue;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (std::signbit(f(middle, p)) == left ? low : high) = middle;
    }
    found.push_back(std::fabs(high) < 1e-12 ? 0 : high);
  }
  return found;
}

}  // namespace

std::uint64_t Points::count() const { return all ? std::uint64_t{1} << 32 : stratified; }

void Points::fill(std::uint64_t first, std::size_t n, float* x) const {
  for (std::size_t k = 0; k < n; ++k) {
    const std::uint64_t i = first + k;
    if (all) {
      x[k] = std::bit_cast<float>(static_cast<std::uint32_t>(i));
    } else if (i < stratified / 2) {
      const std::uint64_t width = (std::uint64_t{1} << 33) / stratified;
      x[k] = std::bit_cast<float>(static_cast<std::uint32_t>(i * width + scramble(i) % width));
    } else if (i < stratified / 4 * 3) {
      x[k] = uniform(-20, 20, i);
    } else if (i < stratified / 8 * 7) {
      x[k] = uniform(-120, 0, i);
    } else {
      x[k] = near_half(i - stratified / 8 * 7);
    }
  }
  // The ends of the range, which a stratum meets only by chance.
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr float largest = std::numeric_limits<float>::max();
  const float ends[] = {infinity, -infinity, largest, -largest};
  if (!all && first == 0) std::copy_n(ends, std::min<std::size_t>(n, 4), x);
}

void Verdict::add(const Verdict& other) {
  if (worse(other.ulp, other.at, ulp, at)) ulp = other.ulp, at = other.at;
  if (worse(other.absolute, other.near_at, absolute, near_at)) {
    absolute = other.absolute, near_at = other.near_at;
  }
  scaled = std::max(scaled, other.scaled);
  points += other.points;
  over += other.over;
  nan += other.nan;
  lost_nan += other.lost_nan;
}

nlohmann::json Verdict::json() const {
  // JSON has no infinity; a result that is infinite and should not be is that far off.
  const auto finite = [](double v) { return std::min(v, 1e300); };
  return {{"ulp", finite(ulp)},
          {"at", finite(at)},
          {"at_bits", std::bit_cast<std::uint32_t>(at)},
          {"absolute", finite(absolute)},
          {"near_at", finite(near_at)},
          {"near_at_bits", std::bit_cast<std::uint32_t>(near_at)},
          {"scaled", finite(scaled)},
          {"points", points},
          {"over", over},
          {"nan", nan},
          {"lost_nan", lost_nan}};
}

Judge::Judge(const activation::Row& row, Kind kind)
    : function_(kind == Kind::value ? row.value : row.slope),
      p_(row.defaults()),
      allowed_(kind == Kind::value ? row.accuracy.value : row.accuracy.slope) {
  if (kind == Kind::slope) sign_changes_ = find_sign_changes(function_, p_);
  if (row.name == "silu") reach_ = 0.5 / p_[0];
}

void Judge::expect(const float* x, std::size_t n, double* want, float* nearest) const {
  for (std::size_t i = 0; i < n; ++i) {
    want[i] = function_(x[i], p_);
    nearest[i] = static_cast<float>(want[i]);
  }
}

void Judge::hold(const float* x, const double* want, const float* nearest, const float* got,
                 std::size_t n, Verdict& verdict) const {
  verdict.points += n;
  constexpr std::size_t block = 64;
  for (std::size_t i = 0; i < n; i += block) {
    const std::size_t end = std::min(n, i + block);
    // Written for the vectoriser: most blocks have nothing to look at.
    int differ = 0;
    for (std::size_t j = i; j < end; ++j) differ |= got[j] != nearest[j];
    if (!differ) continue;
    for (std::size_t j = i; j < end; ++j) {
      if (got[j] != nearest[j]) hold_one(x[j], want[j], got[j], verdict);
    }
  }
}

void Judge::hold_one(float x, double want, float got, Verdict& verdict) const {
  if (std::isnan(want) || std::isnan(got)) {
    verdict.nan += !std::isnan(want);
    verdict.lost_nan += !std::isnan(got);
    return;
  }
  const double ulp = ulps(number_of(got), want), absolute = std::fabs(number_of(got) - want);
  const double scale = std::max(1.0, std::fabs(want));
  // A number where the exact result is infinite is infinitely far off.
  verdict.scaled = std::max(verdict.scaled, std::isinf(scale) ? scale : absolute / scale);
  if (ulp > std::min(allowed_, contract_ulp) && near_sign_change(x)) {
    verdict.over += ulp > allowed_ && absolute >= allowed_near_sign_change;
    if (worse(absolute, x, verdict.absolute, verdict.near_at)) {
      verdict.absolute = absolute, verdict.near_at = x;
    }
    return;
  }
  verdict.over += ulp > allowed_;
  if (worse(ulp, x, verdict.ulp, verdict.at)) verdict.ulp = ulp, verdict.at = x;
}

bool Judge::near_sign_change(double x) const {
  return std::any_of(sign_changes_.begin(), sign_changes_.end(),
                     [&](double at) { return std::fabs(x - at) <= reach_; });
}

double Judge::cost() const {
  constexpr std::size_t n = 1 << 14;
  std::vector<float> x(n), nearest(n);
  std::vector<double> want(n);
  // In order, as a sweep of every float comes: branches are then foreseen.
  for (std::size_t i = 0; i < n; ++i) x[i] = 40 * static_cast<float>(i) / n - 20;
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 20; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    expect(x.data(), n, want.data(), nearest.data());
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    best = std::min(best, time.count() / n);
  }
  return best;
}

}  // namespace rectify::bench
