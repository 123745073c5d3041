#pragma once

// Small data sets that tests make.

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/data/dataset.h"

namespace rectify {

inline data::Dataset moons(int train = 400, int test = 200, int seed = 1) {
  ThreadPool threads(1);
  return data::open(concat("moons:train=", train, ",test=", test, ",seed=", seed), threads);
}

/// y = (x0 + x1, x0 - x1) of two normal numbers.
inline data::Dataset sums(std::size_t train = 300, std::size_t test = 100) {
  data::Dataset d;
  d.spec = "sums";
  d.sample_shape = Shape{2};
  d.target_width = 2;
  std::uint32_t stream = 0;
  for (auto [split, count] : {std::pair{&d.train, train}, {&d.test, test}}) {
    const Random random(1, ++stream);
    split->count = count;
    for (std::size_t i = 0; i < count; ++i) {
      const auto a = static_cast<float>(random.normal(2 * i));
      const auto b = static_cast<float>(random.normal(2 * i + 1));
      split->values.insert(split->values.end(), {a, b});
      split->targets.insert(split->targets.end(), {a + b, a - b});
    }
  }
  return d;
}

}  // namespace rectify
