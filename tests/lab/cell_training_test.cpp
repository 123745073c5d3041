#include "rectify/lab/cell_training.h"

#include <gtest/gtest.h>

namespace rectify::lab {
namespace {

/// Sample i is the numbers i and -i.
data::Dataset with_labels(const std::vector<std::int32_t>& labels) {
  data::Dataset dataset;
  dataset.sample_shape = Shape{2};
  dataset.class_names = {"a", "b", "c"};
  dataset.train.count = labels.size();
  dataset.train.labels = labels;
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (const float sign : {1.0f, -1.0f})
      dataset.train.values.push_back(sign * static_cast<float>(i));
  dataset.test = dataset.train;
  return dataset;
}

TEST(FirstSamples, AreTheFirstWhereAllClassesAreAmongThem) {
  const data::Dataset part = first_samples(with_labels({0, 1, 2, 0, 1, 2}), 4, 3);
  EXPECT_EQ(part.train.labels, (std::vector<std::int32_t>{0, 1, 2, 0}));
  EXPECT_EQ(part.train.values, (std::vector<float>{0, -0.0f, 1, -1, 2, -2, 3, -3}));
  EXPECT_EQ(part.test.count, 3u);
}

TEST(FirstSamples, AreSpreadOverDataThatAreSortedByClass) {
  const data::Dataset part = first_samples(with_labels({0, 0, 0, 1, 1, 1, 2, 2, 2}), 3, 0);
  EXPECT_EQ(part.train.labels, (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_EQ(part.train.values, (std::vector<float>{0, -0.0f, 3, -3, 6, -6}));
  EXPECT_EQ(part.test.count, 9u);
}

}  // namespace
}  // namespace rectify::lab
