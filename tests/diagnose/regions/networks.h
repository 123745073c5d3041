#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/model/model.h"
#include "tests/helpers.h"
#include "tests/random_model.h"

namespace rectify::diagnose {

inline std::vector<float> random_input(std::size_t n, std::uint64_t seed) {
  const Random random(seed, 1000);
  std::vector<float> input(n);
  for (std::size_t i = 0; i < n; ++i) input[i] = static_cast<float>(random.normal(i));
  return input;
}

/// Expects an Error whose text has all of these parts.
template <class Act>
void expect_error(const Act& act, const std::vector<std::string>& parts) {
  const std::string text = error_of(act);
  EXPECT_FALSE(text.empty()) << "no error with " << parts[0];
  for (const std::string& part : parts) EXPECT_TRUE(contains(text, part)) << text << ": " << part;
}

}  // namespace rectify::diagnose
