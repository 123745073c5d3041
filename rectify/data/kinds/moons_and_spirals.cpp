#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/data/kinds.h"
#include "rectify/data/options.h"

namespace rectify::data::ops {

namespace {

/// The point of class `label` on its curve, at the share `along` in (0, 1) of its length.
using Curve = std::array<double, 2> (*)(std::int32_t label, double along);

std::array<double, 2> moon(std::int32_t label, double along) {
  const double angle = std::numbers::pi * along;
  if (label == 0) return {std::cos(angle), std::sin(angle)};
  return {1 - std::cos(angle), 0.5 - std::sin(angle)};
}

/// An arm with two turns, from near the centre out to radius 1. The two arms are opposite each
/// other.
std::array<double, 2> spiral(std::int32_t label, double along) {
  const double radius = 0.08 + 0.92 * along;
  const double angle = 4 * std::numbers::pi * along + std::numbers::pi * label;
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

Split make_points(Curve curve, std::size_t count, double noise, const Random& random) {
  Split split;
  split.count = count;
  split.values.reserve(2 * count);
  split.labels.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::int32_t>(i % 2);
    // A sample uses two blocks: the first for a uniform number, the second for two normal numbers.
    const std::array<double, 2> point = curve(label, random.uniform(8 * i));
    for (std::size_t axis = 0; axis < 2; ++axis)
      split.values.push_back(
          static_cast<float>(point[axis] + noise * random.normal(4 * i + 2 + axis)));
    split.labels.push_back(label);
  }
  return split;
}

/// A kind of points: their curve, and its default noise.
struct Points {
  const char* name;
  Curve curve;
  double noise;
};
constexpr std::array point_kinds = {Points{"moons", moon, 0.15}, Points{"spirals", spiral, 0.03}};

Dataset make_dataset(const Points& points, const Options& options) {
  const auto train = static_cast<std::size_t>(options.integer("train", 2000, 2, 10'000'000));
  const auto test = static_cast<std::size_t>(options.integer("test", 1000, 2, 10'000'000));
  const auto seed = static_cast<std::uint64_t>(options.integer("seed", 1, 0, INT64_MAX));
  const double noise = options.number("noise", points.noise, 0, 10);
  constexpr auto stream = static_cast<std::uint32_t>(Stream::data);
  Dataset dataset;
  dataset.sample_shape = Shape{2};
  dataset.class_names = {"0", "1"};
  dataset.train = make_points(points.curve, train, noise, Random(seed, stream, 0));
  dataset.test = make_points(points.curve, test, noise, Random(seed, stream, 1));
  return dataset;
}

template <std::size_t which>
Dataset open_one(const Request& request, ThreadPool&) {
  const std::array<std::string, 4> known = {"train", "test", "seed", "noise"};
  return make_dataset(point_kinds[which], Options(request.what(), request.argument, known));
}

}  // namespace

std::span<const Kind> moons_and_spirals() {
  static constexpr std::array all = {
      Kind{"moons", "moons[:train=2000,test=1000,seed=1,noise=0.15]", open_one<0>},
      Kind{"spirals", "spirals[:train=2000,test=1000,seed=1,noise=0.03]", open_one<1>},
  };
  return all;
}

}  // namespace rectify::data::ops
