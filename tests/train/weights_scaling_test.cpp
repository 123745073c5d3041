#include "rectify/train/weights_scaling.h"

#include <gtest/gtest.h>

#include "rectify/base/enumeration.h"
#include "rectify/base/file.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/file.h"
#include "rectify/model/model.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

/// Rows of a share and a weight in grams.
data::Dataset unlike() {
  data::Dataset d;
  d.spec = "unlike";
  d.sample_shape = Shape{2};
  d.class_names = {"a", "b"};
  const Random random(3, 1);
  for (data::Split* split : {&d.train, &d.test}) {
    split->count = 60;
    for (std::size_t i = 0; i < split->count; ++i) {
      split->values.push_back(static_cast<float>(random.uniform(2 * i)));
      split->values.push_back(900 + 100 * static_cast<float>(random.normal(2 * i + 1)));
      split->labels.push_back(static_cast<std::int32_t>(i % 2));
    }
  }
  return d;
}

TEST(WeightsScaling, IsThatOfTheNormaliserThatWasTaken) {
  ThreadPool threads(1);
  const data::Dataset d = unlike();
  const auto all = model::all_samples(d.train.count);
  const auto some = model::all_samples(d.train.count / 2);
  for (const data::Normaliser how : all_values<data::Normaliser>()) {
    const auto taken = data::normalisation_of(d, all, threads, how);
    EXPECT_EQ(distance(taken, taken, 2), 0);
    for (const data::Normaliser usual : all_values<data::Normaliser>()) {
      EXPECT_EQ(nearest_normaliser(taken, d, all, usual, threads), how) << name_of(usual);
      EXPECT_EQ(nearest_normaliser(taken, d, some, usual, threads), how) << "of other samples";
    }
  }
  const auto standard = data::normalisation_of(d, all, threads, data::Normaliser::standard);
  const auto features = data::normalisation_of(d, all, threads, data::Normaliser::features);
  EXPECT_GT(distance(features, standard, 2), far_apart);
}

TEST(WeightsScaling, StaysAsUsualWhereTwoAreAlike) {
  ThreadPool threads(1);
  data::Dataset d = unlike();
  d.columns = {"share", "grams"};  // each column of a table has its own scale anyway
  const auto all = model::all_samples(d.train.count);
  for (const auto usual : {data::Normaliser::standard, data::Normaliser::features})
    EXPECT_EQ(nearest_normaliser(data::normalisation_of(d, all, threads), d, all, usual, threads),
              usual);
}

TEST(WeightsScaling, IsReadFromAModelsFile) {
  ThreadPool threads(1);
  const data::Dataset d = unlike();
  TemporaryFolder folder;
  model::Model m("2 : dense 3 | relu | dense 2");
  m.loss = "softmax_cross_entropy";
  m.class_names = d.class_names;
  m.normalisation = data::normalisation_of(d, model::all_samples(d.train.count), threads,
                                           data::Normaliser::features);
  const auto file = folder.path() / "m.safetensors", tensors = folder.path() / "t.safetensors";
  model::save(file, model::to_file(m));
  EXPECT_EQ(scaling_of_weights(file), m.normalisation);
  model::TensorFile bare = model::to_file(m);
  bare.metadata.clear();
  model::save(tensors, bare);
  EXPECT_FALSE(scaling_of_weights(tensors)) << "tensors alone say nothing";
  EXPECT_FALSE(scaling_of_weights(folder.path() / "nowhere.safetensors"));
}

}  // namespace
}  // namespace rectify::train
