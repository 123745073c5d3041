#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "rectify/base/error.h"
#include "rectify/data/dataset.h"
#include "tests/data/idx_files.h"

namespace rectify::data {
namespace {

using testing::error_of;

Split labelled(const std::vector<std::size_t>& per_class) {
  Split split;
  for (std::size_t label = 0; label < per_class.size(); ++label)
    split.labels.insert(split.labels.end(), per_class[label], static_cast<std::int32_t>(label));
  split.count = split.labels.size();
  return split;
}

TEST(HoldOut, TakesTheSameShareOfEveryClass) {
  const std::vector<std::size_t> sizes = {100, 0, 37, 1, 4, 1000};
  const Split split = labelled(sizes);
  for (const double fraction : {0.0, 0.1, 0.25, 0.5, 0.99}) {
    const Partition parts = hold_out(split, fraction, 3);
    std::vector<std::size_t> held(sizes.size(), 0);
    for (const std::uint32_t row : parts.validation) ++held[split.labels[row]];
    for (std::size_t label = 0; label < sizes.size(); ++label) {
      if (sizes[label] == 0) continue;
      const auto share = static_cast<std::size_t>(std::llround(fraction * sizes[label]));
      EXPECT_EQ(held[label], std::min(share, sizes[label] - 1)) << "class " << label;
    }
  }
}

TEST(HoldOut, PutsEverySampleOnOneSideInOrder) {
  const Split split = labelled({50, 60, 70});
  const Partition parts = hold_out(split, 0.3, 9);
  EXPECT_TRUE(std::is_sorted(parts.train.begin(), parts.train.end()));
  EXPECT_TRUE(std::is_sorted(parts.validation.begin(), parts.validation.end()));
  std::set<std::uint32_t> all(parts.train.begin(), parts.train.end());
  all.insert(parts.validation.begin(), parts.validation.end());
  EXPECT_EQ(all.size(), split.count);
  EXPECT_EQ(parts.train.size() + parts.validation.size(), split.count);
}

TEST(HoldOut, IsChosenByTheSeedAndNothingElse) {
  const Split split = labelled({500, 500});
  EXPECT_EQ(hold_out(split, 0.1, 1).validation, hold_out(split, 0.1, 1).validation);
  EXPECT_NE(hold_out(split, 0.1, 1).validation, hold_out(split, 0.1, 2).validation);
}

TEST(HoldOut, WatchesTheValidationSamplesOrSomeTrainingSamples) {
  const Split split = labelled({6000, 4001});
  const Partition held = hold_out(split, 0.1, 1), whole = hold_out(split, 0, 1);
  EXPECT_EQ(held.watched, held.validation);
  ASSERT_EQ(whole.watched.size(), 2000u);
  EXPECT_EQ(whole.watched.front(), whole.train.front());
  for (std::size_t i = 1; i < whole.watched.size(); ++i) {
    const std::uint32_t step = whole.watched[i] - whole.watched[i - 1];
    EXPECT_TRUE(step == 5 || step == 6);
  }
  EXPECT_EQ(hold_out(labelled({3, 3}), 0, 1).watched.size(), 6u);
}

TEST(HoldOut, TreatsRegressionAsOneClass) {
  Split split;
  split.count = 40;
  split.targets.assign(40, 0.5f);
  EXPECT_EQ(hold_out(split, 0.25, 1).validation.size(), 10u);
}

TEST(FoldOf, HoldsEverySampleOutOnceInEvenParts) {
  const std::vector<std::size_t> sizes = {47, 0, 58, 1, 36};
  const Split split = labelled(sizes);  // 142 samples
  std::vector<int> held(split.count);
  for (int fold = 0; fold < 5; ++fold) {
    const Partition parts = fold_of(split, 5, fold, 3);
    EXPECT_TRUE(parts.validation.size() == 28 || parts.validation.size() == 29);
    EXPECT_EQ(parts.train.size() + parts.validation.size(), split.count);
    EXPECT_EQ(parts.watched, parts.validation);
    EXPECT_TRUE(std::is_sorted(parts.train.begin(), parts.train.end()));
    std::vector<std::size_t> of_class(sizes.size());
    for (const std::uint32_t row : parts.validation) {
      ++held[row];
      ++of_class[split.labels[row]];
    }
    for (std::size_t label = 0; label < sizes.size(); ++label) {
      EXPECT_GE(of_class[label], sizes[label] / 5);
      EXPECT_LE(of_class[label], sizes[label] / 5 + 1);
    }
    for (const std::uint32_t row : parts.train)
      EXPECT_FALSE(std::ranges::binary_search(parts.validation, row));
  }
  EXPECT_EQ(std::ranges::count(held, 1), 142);
}

TEST(FoldOf, IsChosenByTheSeedAndRefusesTooManyFolds) {
  const Split split = labelled({50, 50});
  EXPECT_EQ(fold_of(split, 5, 1, 7).validation, fold_of(split, 5, 1, 7).validation);
  EXPECT_NE(fold_of(split, 5, 1, 7).validation, fold_of(split, 5, 1, 8).validation);
  EXPECT_NE(error_of([&] { fold_of(split, 101, 0, 1); }).find("101 folds"), std::string::npos);
  EXPECT_NE(error_of([&] { fold_of(split, 1, 0, 1); }).find("1 folds"), std::string::npos);
}

TEST(FoldOf, RefusesAFoldThatIsNone) {
  const Split split = labelled({50, 50});
  for (const int fold : {-1, 3, 7})
    EXPECT_NE(error_of([&] { fold_of(split, 3, fold, 1); }).find(concat("no fold ", fold, " of 3")),
              std::string::npos)
        << fold;
}

TEST(HoldOut, RefusesWhatCannotBeHeldOut) {
  const Split split = labelled({3, 3});
  EXPECT_NE(error_of([&] { hold_out(split, 0.1, 1); }).find("give a larger fraction"),
            std::string::npos);
  EXPECT_NE(error_of([] { hold_out(Split{}, 0, 1); }).find("no training samples"),
            std::string::npos);
  for (const double fraction : {-0.1, 1.0, 2.0, std::nan("")})
    EXPECT_THROW(hold_out(split, fraction, 1), Error) << fraction;
  Split negative = split;
  negative.labels[2] = -1;
  EXPECT_THROW(hold_out(negative, 0.5, 1), Error);
}

TEST(EpochOrder, IsAPermutationForAnyLength) {
  for (std::size_t count = 0; count < 40; ++count) {
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), 100u);
    for (std::uint32_t epoch = 0; epoch < 20; ++epoch) {
      std::vector<std::uint32_t> order = epoch_order(rows, 5, epoch);
      std::sort(order.begin(), order.end());
      ASSERT_EQ(order, rows);
    }
  }
}

TEST(EpochOrder, DependsOnSeedAndEpochAlone) {
  std::vector<std::uint32_t> rows(1000);
  std::iota(rows.begin(), rows.end(), 0u);
  EXPECT_EQ(epoch_order(rows, 1, 7), epoch_order(rows, 1, 7));
  EXPECT_NE(epoch_order(rows, 1, 7), epoch_order(rows, 1, 8));
  EXPECT_NE(epoch_order(rows, 1, 7), epoch_order(rows, 2, 7));
}

TEST(EpochOrder, VisitsEveryOrderAboutEquallyOften) {
  const std::vector<std::uint32_t> rows = {0, 1, 2};
  std::vector<int> seen(27, 0);
  constexpr int epochs = 6000;
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    const auto order = epoch_order(rows, 1, epoch);
    ++seen[order[0] * 9 + order[1] * 3 + order[2]];
  }
  for (const int code : {5, 7, 11, 15, 19, 21})
    EXPECT_NEAR(seen[code], epochs / 6, 5 * std::sqrt(epochs / 6.0));
}

TEST(Gather, NormalisesTheRowsAskedForAndOnlyThose) {
  for (const std::size_t features : {1u, 2u, 15u, 16u, 17u, 784u}) {
    Split bytes, values;
    bytes.count = values.count = 20;
    for (std::size_t i = 0; i < 20 * features; ++i) {
      bytes.bytes.push_back(static_cast<std::uint8_t>(i * 37));
      values.values.push_back(static_cast<float>(bytes.bytes.back()));
    }
    const std::vector<std::uint32_t> rows = {19, 0, 7, 7, 3, 12, 1};
    const std::vector<Scaling> normalisation = {{33.25f, 0.0127f}};
    std::vector<float> out(rows.size() * features + 1, -7.0f), again = out;
    gather(bytes, features, rows, normalisation, out.data());
    gather(values, features, rows, normalisation, again.data());
    EXPECT_EQ(out, again);
    EXPECT_EQ(out.back(), -7.0f);
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = 0; j < features; ++j)
        ASSERT_EQ(out[i * features + j],
                  (values.values[rows[i] * features + j] - 33.25f) * 0.0127f);
  }
}

TEST(Normalisation, GivesMeanZeroAndDeviationOne) {
  ThreadPool threads(2);
  Split split;
  split.count = 300;
  for (std::size_t i = 0; i < 300 * 19; ++i) split.bytes.push_back((i * i * 31 + i) % 251);
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < 300; i += 3) rows.push_back(i);
  const std::vector<Scaling> normalisation = scalings_of(split, 1, rows, threads);
  std::vector<float> out(rows.size() * 19);
  gather(split, 19, rows, normalisation, out.data());
  double sum = 0, square = 0;
  for (const float v : out) sum += v, square += static_cast<double>(v) * v;
  EXPECT_NEAR(sum / out.size(), 0, 1e-5);
  EXPECT_NEAR(square / out.size(), 1, 1e-5);
}

TEST(Normalisation, OfConstantDataOnlyCentres) {
  ThreadPool threads(2);
  for (const bool as_bytes : {true, false}) {
    Split split;
    split.count = 50;
    if (as_bytes)
      split.bytes.assign(50 * 33, 200);
    else
      split.values.assign(50 * 33, 0.1f);
    std::vector<std::uint32_t> rows(50);
    std::iota(rows.begin(), rows.end(), 0u);
    const Scaling normalisation = scalings_of(split, 1, rows, threads)[0];
    EXPECT_EQ(normalisation.scale, 1.0f);
    EXPECT_EQ(normalisation.mean, as_bytes ? 200.0f : 0.1f);
  }
}

TEST(Normalisation, IsExactFarFromZero) {
  ThreadPool threads(2);
  Split split;
  split.count = 2;
  split.values = {1e6f, 1e6f + 1};
  const std::vector<std::uint32_t> rows = {0, 1};
  const Scaling normalisation = scalings_of(split, 1, rows, threads)[0];
  EXPECT_FLOAT_EQ(normalisation.mean, 1000000.5f);
  EXPECT_FLOAT_EQ(normalisation.scale, 2.0f);
  EXPECT_THROW(scalings_of(split, 1, {}, threads), Error);
}

TEST(Normalisation, OfImagesIsOneAChannelWhateverHoldsThem) {
  ThreadPool threads(2);
  Dataset of_bytes, of_values;
  of_bytes.sample_shape = of_values.sample_shape = Shape{2, 3, 3};
  constexpr std::size_t samples = 40, features = 18;
  for (Split* split : {&of_bytes.train, &of_values.train}) split->count = samples;
  for (std::size_t i = 0; i < samples * features; ++i) {
    // Red is about 30 and varies by 2, green is 7, blue goes up to 255.
    const std::size_t pixel = i / 3, value[] = {29 + pixel % 3, 7, pixel * 37 % 256};
    of_bytes.train.bytes.push_back(static_cast<std::uint8_t>(value[i % 3]));
    of_values.train.values.push_back(static_cast<float>(value[i % 3]));
  }
  std::vector<std::uint32_t> rows = {0, 3, 5, 6, 11, 20, 38, 39};
  const std::vector<Scaling> by = normalisation_of(of_bytes, rows, threads).inputs;
  ASSERT_EQ(by.size(), 3u);
  EXPECT_NEAR(by[0].mean, 30, 1e-6);
  EXPECT_NEAR(by[0].scale, std::sqrt(1.5), 1e-6);
  EXPECT_EQ(by[1], (Scaling{.mean = 7, .scale = 1}));
  const std::vector<Scaling> again = normalisation_of(of_values, rows, threads).inputs;
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_FLOAT_EQ(again[c].mean, by[c].mean);
    EXPECT_FLOAT_EQ(again[c].scale, by[c].scale);
  }
  std::vector<float> x(rows.size() * features);
  gather(of_bytes.train, features, rows, by, x.data());
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0, square = 0;
    for (std::size_t i = c; i < x.size(); i += 3) sum += x[i], square += x[i] * x[i];
    EXPECT_NEAR(sum, 0, 1e-3) << c;
    EXPECT_NEAR(square, c == 1 ? 0 : x.size() / 3.0, 1e-3) << c;
  }
}

TEST(Normalisation, OfATableIsThatOfEachColumnAndOfEachTarget) {
  ThreadPool threads(2);
  Dataset table;
  table.sample_shape = Shape{3};
  table.columns = {"small", "constant", "large"};
  table.target_width = 2;
  table.train.count = 4;
  table.train.values = {1, 7, 1000, 3, 7, 3000, 3, 7, 3000, 99, 99, 99};
  table.train.targets = {10, 5, 30, 5, 30, 5, 99, 99};
  const std::vector<std::uint32_t> rows = {0, 1};
  const Normalisation by = normalisation_of(table, rows, threads);
  EXPECT_EQ(by.inputs, (std::vector<Scaling>{{2, 1}, {7, 0}, {2000, 0.001f}}));
  EXPECT_EQ(by.targets, (std::vector<Scaling>{{20, 0.1f}, {5, 1}}));
  std::vector<float> out(6);
  gather(table.train, 3, std::vector<std::uint32_t>{1, 3}, by.inputs, out.data());
  EXPECT_EQ(out[0], 1.0f);
  EXPECT_EQ(out[1], 0.0f);
  EXPECT_EQ(out[2], 1.0f);
  EXPECT_EQ(out[4], 0.0f) << "what was constant in training is ignored ever after";
  std::vector<float> again(6);
  scale(std::span(table.train.values).subspan(3, 6), 3, by.inputs, again.data());
  EXPECT_EQ(again[0], 1.0f);
  std::vector<float> answers = {-1, 0, 1, 2};
  to_targets(answers, by.targets);
  EXPECT_EQ(answers, (std::vector<float>{10, 5, 30, 7}));
}

TEST(Normalisation, WithoutScalingsLeavesSamplesAsTheyAre) {
  Split floats{.count = 2, .values = {1, -2, 3, 4, 5, 6}}, bytes{.count = 2};
  bytes.bytes = {1, 2, 3, 4, 5, 255};
  const std::vector<std::uint32_t> second = {1};
  std::vector<float> out(3);
  gather(floats, 3, second, {}, out.data());
  EXPECT_EQ(out, (std::vector<float>{4, 5, 6}));
  gather(bytes, 3, second, {}, out.data());
  EXPECT_EQ(out, (std::vector<float>{4, 5, 255}));
  scale(std::span(floats.values).first(3), 3, {}, out.data());
  EXPECT_EQ(out, (std::vector<float>{1, -2, 3}));
}

TEST(Fingerprint, ChangesWithEveryByteAndLabel) {
  Dataset dataset;
  dataset.sample_shape = Shape{5};
  dataset.class_names = {"a", "b"};
  dataset.train.count = 4;
  dataset.train.bytes.assign(20, 9);
  dataset.train.labels = {0, 1, 0, 1};
  dataset.test = dataset.train;
  std::set<std::uint64_t> seen = {fingerprint(dataset)};
  std::size_t changes = 1;
  for (Split* split : {&dataset.train, &dataset.test}) {
    for (std::uint8_t& byte : split->bytes)
      for (const int bit : {1, 128}) {
        byte ^= static_cast<std::uint8_t>(bit);
        seen.insert(fingerprint(dataset));
        byte ^= static_cast<std::uint8_t>(bit);
        ++changes;
      }
    for (std::int32_t& label : split->labels) {
      label ^= 1;
      seen.insert(fingerprint(dataset));
      label ^= 1;
      ++changes;
    }
  }
  EXPECT_EQ(seen.size(), changes);
  dataset.spec = "elsewhere";
  EXPECT_TRUE(seen.count(fingerprint(dataset)));
}

TEST(Completed, WatchesWhatHoldOutWouldWatch) {
  const Split split = labelled({3000, 1000});
  for (const double fraction : {0.0, 0.1}) {
    const Partition whole = hold_out(split, fraction, 3);
    Partition parts = whole;
    parts.watched.clear();
    EXPECT_EQ(completed(parts, split).watched, whole.watched) << fraction;
    parts.watched = {5};
    EXPECT_EQ(completed(parts, split).watched, std::vector<std::uint32_t>{5});
  }
}

TEST(Completed, RefusesNumbersThatAreNoSamples) {
  const Split split = labelled({5, 5});
  EXPECT_EQ(error_of([&] { completed({.train = {0, 9}, .validation = {1}}, split); }), "");
  const auto says = [&](const Partition& parts, const std::string& part) {
    return error_of([&] { completed(parts, split); }).find(part) != std::string::npos;
  };
  EXPECT_TRUE(says({.validation = {1}}, "Partition::train is empty"));
  EXPECT_TRUE(says({.train = {0, 10, 2}}, "Partition::train has the number 10"));
  EXPECT_TRUE(says({.train = {0}, .validation = {400000000}}, "Partition::validation has"));
  EXPECT_TRUE(says({.train = {0}, .validation = {}, .watched = {10}}, "Partition::watched has"));
}

}  // namespace
}  // namespace rectify::data
