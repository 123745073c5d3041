#include "rectify/train/whitening.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "rectify/graph/text.h"
#include "rectify/model/model.h"
#include "rectify/train/initialise.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

/// Images whose neighbours and channels go together.
data::Dataset image_samples(std::size_t count = 900) {
  data::Dataset d;
  d.spec = "images";
  d.sample_shape = Shape{6, 5, 2};
  d.class_names = {"a", "b"};
  d.train.count = count;
  const Random random(1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto common = static_cast<float>(3 * random.normal(1000000 + i));
    for (std::size_t k = 0; k < 60; ++k)
      d.train.values.push_back(common + static_cast<float>(random.normal(60 * i + k)));
    d.train.labels.push_back(static_cast<std::int32_t>(i % 2));
  }
  d.test = d.train;
  return d;
}

struct Whitened {
  data::Dataset data = image_samples();
  model::Model model;
  std::span<const float> w;
  std::int64_t inputs, units;

  explicit Whitened(const std::string& text, int thread_count = 2, const std::string& init = "auto")
      : model(text) {
    ThreadPool threads(static_cast<std::size_t>(thread_count));
    std::vector<std::uint32_t> rows(data.train.count);
    std::iota(rows.begin(), rows.end(), 0u);
    model.normalisation = data::normalisation_of(data, rows, threads);
    initialise(model.graph, model.layout, 1, init, threads, model.parameters.data());
    whiten(model, data, rows, init, threads);
    const run::ParameterSlot& slot = model.layout.slots()[0];
    w = std::span<const float>(model.parameters.data() + slot.offset, slot.size);
    units = slot.shape.back();
    inputs = static_cast<std::int64_t>(slot.size) / units;
  }
  float weight(std::int64_t input, std::int64_t unit) const {
    return w[static_cast<std::size_t>(input * units + unit)];
  }
};

/// The mean of a b' over all patches of 3x2 pixels, dilation 1, of what two units answer.
double second_moment(const Whitened& of, std::int64_t a, std::int64_t b) {
  std::vector<float> image(60);
  double sum = 0, count = 0;
  for (std::uint32_t row = 0; row < of.data.train.count; ++row) {
    data::gather(of.data.train, 60, std::span(&row, 1), of.model.normalisation.inputs,
                 image.data());
    for (int y = 0; y < 4; ++y)
      for (int x = 0; x < 4; ++x) {
        double first = 0, second = 0;
        for (int tap = 0; tap < 6; ++tap)
          for (int c = 0; c < 2; ++c) {
            const double v = image[((y + tap / 2) * 5 + x + tap % 2) * 2 + c];
            first += v * of.weight(tap * 2 + c, a);
            second += v * of.weight(tap * 2 + c, b);
          }
        sum += first * second;
        ++count;
      }
  }
  return sum / count;
}

TEST(Whitening, UnitsOfAConvolutionAnswerWithVarianceOneAndWithoutCorrelation) {
  const Whitened of("6x5x2 : conv 24 3x2 init=whitening | relu | flatten | dense 2");
  for (std::int64_t a = 0; a < 12; ++a)
    for (std::int64_t b = 0; b <= a; ++b)
      EXPECT_NEAR(second_moment(of, a, b), a == b, 0.02) << a << ", " << b;
  for (std::int64_t i = 0; i < of.inputs; ++i)
    for (std::int64_t a = 0; a < 12; ++a) EXPECT_EQ(of.weight(i, 12 + a), -of.weight(i, a));
}

TEST(Whitening, TheFirstAxisIsTheStrongest) {
  const Whitened of("6x5x2 : conv 3 3x2 init=whitening gain=2 | relu | flatten | dense 2");
  // What all share: every number alike, positive, and shortest, for it needs the least stretching.
  for (std::int64_t i = 0; i < of.inputs; ++i) {
    EXPECT_NEAR(of.weight(i, 0) / of.weight(0, 0), 1, 0.02);
    EXPECT_GT(of.weight(i, 0), 0);
  }
  EXPECT_NEAR(second_moment(of, 0, 0), 4, 0.1);
  EXPECT_EQ(of.weight(0, 2), -of.weight(0, 0));  // of three units two are axes
}

TEST(Whitening, BitsDoNotDependOnThreads) {
  const std::string text = "6x5x2 : conv 24 3x2 init=whitening | relu | flatten | dense 2";
  const Whitened one(text, 1), three(text, 3);
  EXPECT_TRUE(same_bits(one.w, three.w));
}

TEST(Whitening, ADenseReadsTheLastAxis) {
  const Whitened of("6x5x2 : dense 4 init=whitening | relu | flatten | dense 2");
  // Two channels of equal variance: their sum and their difference.
  for (std::int64_t unit = 0; unit < 2; ++unit)
    EXPECT_NEAR(std::abs(of.weight(0, unit) / of.weight(1, unit)), 1, 0.02);
  EXPECT_LT(of.weight(0, 1) * of.weight(1, 1), 0);
}

TEST(Whitening, ADenseOverAWholeImageReadsAllOfIt) {
  const Whitened of("60 : dense 3 init=whitening | relu | dense 2");  // of images of 6x5x2
  for (std::int64_t i = 0; i < of.inputs; ++i) {
    EXPECT_NEAR(of.weight(i, 0) / of.weight(0, 0), 1, 0.1);
    EXPECT_EQ(of.weight(i, 2), -of.weight(i, 0));
  }
}

TEST(Whitening, IsWhatTrainingBeginsWith) {
  const data::Dataset data = image_samples();
  Options o = toy_options();
  o.model = "6x5x2 : conv 8 3x2 init=whitening | relu | flatten | dense 2";
  o.rate_of = "conv1=0";
  o.validation = 0;
  ThreadPool threads(2);
  Trainer trainer(o, data, threads);
  trainer.train_epoch();
  const Whitened of(o.model);
  const float* const trained = trainer.model().parameters.data();
  EXPECT_TRUE(same_bits(of.w, {trained + trainer.model().layout.slots()[0].offset, of.w.size()}));
}

TEST(Whitening, RefusesWhatItCannotWhiten) {
  const auto refusal = [](const std::string& text, const std::string& init = "auto") {
    return error_of([&] { check_whitening(graph::parse_model(text), init); });
  };
  EXPECT_EQ(refusal("6x5x2 : conv 24 3x2 init=whitening | relu | flatten | dense 2"), "");
  EXPECT_EQ(refusal("10 : dense 2"), "");
  EXPECT_TRUE(contains(refusal("10 : dense 4 | relu | dense 2", "whitening"), "'dense2'"));
  EXPECT_TRUE(contains(refusal("6x5x2 : conv 25 3x2 init=whitening"), "at most 24 units"));
  EXPECT_TRUE(contains(refusal("6x5x2 : conv 4 3x2 groups=2 init=whitening"), "groups=1"));
  EXPECT_TRUE(contains(refusal("3000 : dense 4 init=whitening"), "at most 2048"));
  EXPECT_TRUE(contains(refusal("6 : relu | dense 4 init=whitening"), "reads the samples"));
  data::Dataset black = image_samples();
  std::ranges::fill(black.train.values, 0.0f);
  Options o = toy_options();
  o.model = "6x5x2 : conv 8 3x2 init=whitening | relu | flatten | dense 2";
  ThreadPool threads(1);
  EXPECT_TRUE(contains(error_of([&] { Trainer(o, black, threads); }), "all 0"));
  o.model = "6x5x2 : conv 8 7x2 padding=2x0 init=whitening | relu | flatten | dense 2";
  const data::Dataset data = image_samples();
  EXPECT_TRUE(contains(error_of([&] { Trainer(o, data, threads); }), "larger than the image"));
}

}  // namespace
}  // namespace rectify::train
