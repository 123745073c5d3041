#include "rectify/train/update_watch.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rectify::train {

namespace {

constexpr std::size_t most = 1 << 16;  // elements of one weight
constexpr std::size_t line = 16;       // floats that come from memory together

/// Calls `look` with the elements of a weight that are looked at. Lines begin at multiples of the
/// golden ratio, modulo 1, which are spread evenly over rows and columns of any size; equal steps
/// may meet a few columns alone.
template <class Look>
void each_element(const float* weight, std::size_t size, Look&& look) {
  if (size <= most) {
    for (std::size_t i = 0; i < size; ++i) look(weight[i]);
    return;
  }
  const auto lines = static_cast<double>(size / line);
  double at = 0;
  for (std::size_t i = 0; i < most / line; ++i) {
    const float* first = weight + static_cast<std::size_t>(at * lines) * line;
    for (std::size_t k = 0; k < line; ++k) look(first[k]);
    at += std::numbers::phi - 1;
    if (at >= 1) at -= 1;
  }
}

bool is_watched(const run::ParameterSlot& slot) { return slot.shape.rank() >= 2; }

}  // namespace

void UpdateWatch::before(const float* parameters) {
  kept_.clear();
  for (const run::ParameterSlot& slot : layout_.slots())
    if (is_watched(slot))
      each_element(parameters + slot.offset, slot.size, [&](float w) { kept_.push_back(w); });
}

std::vector<double> UpdateWatch::ratios(const float* parameters) const {
  std::vector<double> ratios;
  auto old = kept_.begin();
  for (const run::ParameterSlot& slot : layout_.slots()) {
    double change = 0, size = 0;
    if (is_watched(slot))
      each_element(parameters + slot.offset, slot.size, [&](float w) {
        const double before = *old++;
        change += (w - before) * (w - before);
        size += before * before;
      });
    ratios.push_back(size > 0 ? std::sqrt(change / size) : std::nan(""));
  }
  return ratios;
}

}  // namespace rectify::train
