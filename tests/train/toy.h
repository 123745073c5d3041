#pragma once

// Small data sets and small options for the tests of this folder.

#include <cstring>
#include <filesystem>
#include <string>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/data/dataset.h"
#include "rectify/train/options.h"
#include "tests/temporary_folder.h"

namespace rectify::train {

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

inline Options toy_options() {
  Options o;
  o.data = "moons";
  o.model = "2 : dense 16 | relu | dense 12 | tanh | dense 2";
  o.epochs = 4;
  o.batch = 16;
  o.lr = 0.05;
  o.warmup = 0;
  return o;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return false;
  return a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

/// What the Error says that `act` throws; empty when it throws none.
template <class Act>
std::string error_of(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace rectify::train
