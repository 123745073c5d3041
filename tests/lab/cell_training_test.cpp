#include "rectify/lab/cell_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"
#include "tests/toy_data.h"

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

train::Options small_network() {
  train::Options options;
  options.model = "2 : dense 4 | relu | dense 2";
  options.epochs = 10;
  options.validation = 0.1;
  return options;
}

/// The input of a measure that asks for nothing.
MeasureInput input_of(const data::Dataset& dataset, const std::filesystem::path& folder,
                      ThreadPool& threads) {
  static const Json nothing;
  return {.options = nothing,
          .seed = 0,
          .dataset = &dataset,
          .place = {},
          .prepared = nothing,
          .folder = folder,
          .threads = threads,
          .progress = [](const Progress&) {},
          .stop = [] { return false; }};
}

/// What a search of `table` chose for a small network; the files of its trials are in `folder`.
Json search(const Json& table, const std::filesystem::path& folder) {
  static const data::Dataset dataset = rectify::moons(5000);
  ThreadPool threads(1);
  return searched(table, small_network(), dataset, input_of(dataset, folder, threads));
}

std::set<std::string> files(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

TEST(Searched, TakesRatesAsFarApartAsItIsTold) {
  const TemporaryFolder folder;
  const Json table = Json::object({{"lr", true}, {"rate_factor", 2}, {"trial_epochs", 1}});
  const Json chosen = search(table, folder.path());
  const std::set<std::string> tried = files(folder.path());
  for (const char* rate : {"lr-0.1.json", "lr-0.2.json", "lr-0.4.json"})
    EXPECT_TRUE(tried.contains(rate)) << rate;
  EXPECT_TRUE(tried.contains("lr-" + number_text(chosen.at("lr").get<double>()) + ".json"));
}

TEST(Searched, TrainsEachTrialForAsManyEpochsAsItIsTold) {
  const TemporaryFolder usual, two, ten;
  const auto loss_of = [](const Json& epochs, const TemporaryFolder& folder) {
    Json table = Json::object({{"l1", Json{0, 0.1}}});
    if (!epochs.is_null()) table["trial_epochs"] = epochs;
    search(table, folder.path());
    return Json::parse(read_file(folder / *files(folder.path()).begin())).at("loss").get<double>();
  };
  const double fifth = loss_of(Json(), usual);
  EXPECT_EQ(loss_of(2, two), fifth) << "a fifth of 10 epochs is 2";
  EXPECT_LT(loss_of(10, ten), fifth);
}

TEST(Searched, SaysWhatItCannotUse) {
  const TemporaryFolder folder;
  const auto refusal = [&](const char* name, const Json& value) {
    return error_of([&] { search(Json::object({{name, value}}), folder.path()); });
  };
  EXPECT_EQ(refusal("trial_epochs", 0), "search, trial_epochs: give at least 1, not 0");
  EXPECT_EQ(refusal("rate_factor", 1), "search, rate_factor: give more than 1, not 1");
  EXPECT_TRUE(refusal("epochs", 3).starts_with("search, epochs: it cannot be searched: "));
  EXPECT_EQ(refusal("trial_epoch", 3),
            "search, trial_epoch: give a list of values to try; did you mean 'trial_epochs'?");
  EXPECT_TRUE(contains(refusal("lr", 0.1), "search, lr: "));
  EXPECT_TRUE(files(folder.path()).empty());
}

TEST(TrainToTheEnd, EndsWithAnEpochThatIsEnough) {
  const data::Dataset dataset = rectify::moons(1000);
  ThreadPool threads(1);
  const MeasureInput input = input_of(dataset, {}, threads);
  train::Trainer whole(small_network(), dataset, threads), part(small_network(), dataset, threads);
  train_to_the_end(whole, input);
  EXPECT_EQ(whole.history().size(), 10u);
  train_to_the_end(part, input, [](const train::EpochRecord& epoch) { return epoch.epoch == 3; });
  ASSERT_EQ(part.history().size(), 3u);
  EXPECT_EQ(part.history()[2].train_loss, whole.history()[2].train_loss);
}

TEST(ConvergedEpoch, IsOfNetworksThatLearned) {
  const auto history_of = [](std::initializer_list<double> errors) {
    std::vector<train::EpochRecord> history;
    for (const double error : errors) {
      train::EpochRecord record;
      record.epoch = static_cast<int>(history.size()) + 1;
      record.validation_error = error;
      history.push_back(record);
    }
    return history;
  };
  EXPECT_EQ(converged_epoch(history_of({0.5, 0.1005, 0.11, 0.1}), 0.9), 2);
  EXPECT_TRUE(std::isnan(converged_epoch(history_of({0.89, 0.88, 0.9}), 0.9)));
  EXPECT_TRUE(std::isnan(converged_epoch({}, 0.9)));
}

}  // namespace
}  // namespace rectify::lab
