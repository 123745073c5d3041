#include "rectify/lab/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "rectify/train/option_table.h"

namespace rectify::lab {
namespace {

CompareOptions asked() {
  CompareOptions options;
  options.activations = {"relu"};
  options.hidden = {256, 256};
  options.train = usual_training();
  return options;
}

std::map<std::string, report::Setting> by_name(const CompareOptions& options) {
  std::map<std::string, report::Setting> found;
  for (const report::Setting& setting : settings(options)) found[setting.name] = setting;
  return found;
}

TEST(Settings, HaveEveryOptionThatARunDoesNotSetItself) {
  const auto found = by_name(asked());
  for (const train::Option& option : train::option_table()) {
    const std::string name(option.title);
    const bool of_one_run = name == "model" || name == "seed" || name == "weights to start from";
    EXPECT_EQ(found.contains(name), !of_one_run) << name;
  }
  EXPECT_EQ(found.size(), train::option_table().size() - 3 + 3);
  EXPECT_EQ(found.at("hidden").value, "256,256");
  for (const auto& [name, setting] : found)
    EXPECT_TRUE(!setting.value.empty() && !setting.group.empty()) << name;
}

TEST(Settings, KeepTheNamesThatScriptsReadInResults) {
  const auto found = by_name(asked());
  for (const char* name :
       {"hidden", "dropout", "epochs", "batch", "optimizer", "momentum", "learning rate",
        "schedule", "warm-up epochs", "weight decay", "L1 on activations", "max-norm",
        "gradient clipping", "early stopping patience", "initialisation", "validation share",
        "split seed", "seeds"})
    EXPECT_TRUE(found.contains(name)) << name;
}

TEST(Settings, NameEachOnlyOnceWhateverIsPretrained) {
  CompareOptions options = asked();
  options.pretraining = {"none", "rbm", "dae"};
  EXPECT_EQ(by_name(options).size(), settings(options).size());
  EXPECT_EQ(by_name(options).at("pretraining").value, "rbm; dae; 10 epochs a layer");
  options.pretraining = {"rbm"};
  options.pretraining_epochs = 1;
  EXPECT_EQ(by_name(options).at("pretraining").value, "rbm; 1 epoch a layer");
}

TEST(Settings, StandGroupByGroup) {
  std::set<std::string> done;
  std::string group;
  for (const report::Setting& setting : settings(asked()))
    if (setting.group != group) {
      EXPECT_TRUE(done.insert(setting.group).second) << setting.group << " comes twice";
      group = setting.group;
    }
  EXPECT_EQ(done.size(), 8u);
}

TEST(Settings, SayTheNumbersThatMinusOneStandsFor) {
  const auto found = by_name(asked());
  EXPECT_EQ(found.at("momentum").value, "0.9");
  EXPECT_EQ(found.at("warm-up epochs").value, "1");
  EXPECT_EQ(found.at("augmentation").value, "none");
  EXPECT_EQ(found.at("learning rate").value, "auto, by search on validation");
}

TEST(Settings, MarkWhatIsNotAsItIsWhenNobodyAsks) {
  CompareOptions options = asked();
  for (const report::Setting& setting : settings(options))
    EXPECT_TRUE(setting.usual) << setting.name;
  options.hidden = {300};
  options.train.batch = 7;
  options.train.momentum = 0.9;  // asked for, though it is the optimizer's usual
  options.train.schedule = train::Schedule::step;
  options.search = false;
  options.seeds = 5;
  const std::set<std::string> changed = {"hidden",   "batch",         "momentum",
                                         "schedule", "learning rate", "seeds"};
  for (const report::Setting& setting : settings(options))
    EXPECT_EQ(setting.usual, !changed.contains(setting.name)) << setting.name;
}

}  // namespace
}  // namespace rectify::lab
