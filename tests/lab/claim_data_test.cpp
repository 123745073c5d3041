#include "rectify/lab/claim_data.h"

#include <gtest/gtest.h>

#include "rectify/lab/experiment.h"
#include "tests/helpers.h"
#include "tests/lab/toy_recipe.h"
#include "tests/temporary_folder.h"

namespace rectify::lab {
namespace {

namespace fs = std::filesystem;

TEST(ClaimData, ReadsTablesOfOnesOwn) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  std::string table = "a,b,y\n";
  for (int i = 0; i < 60; ++i)
    table += concat(i % 7, ",", i % 5, ",", i % 2 == 0 ? "up" : "down", "\n");
  folder.write("train.csv", table);
  folder.write("test.csv", table);
  const auto recipe_on = [](const std::string& data, const std::string& stand_in) {
    std::string text = toy;
    text.replace(text.find("data = \"moons:train=200,test=100\""), 33,
                 "data = \"" + data + "\"\nstand_in = \"" + stand_in + "\"");
    return parse_recipe(text, "t", "t.toml");
  };
  const ExperimentOptions how{.seeds = 1, .data_dir = folder.path(), .out = folder / "out"};
  const auto stand_in = [&](const std::string& data) {
    return run_recipe(recipe_on(data, "moons:train=60,test=20"), how, threads).stand_in;
  };
  const std::string both = "csv:{data}/train.csv:y,test={data}/test.csv";
  const std::string here = folder.string();
  EXPECT_EQ(stand_in(both), "");
  EXPECT_EQ(stand_in("csv:" + here + "/train.csv:y"), "");
  EXPECT_EQ(stand_in("csv:" + here + "/none.csv:y"),
            "'" + here +
                "/none.csv' is not there, so moons:train=60,test=20 stands in for the "
                "claim's own data; absolute figures tell nothing then");
  fs::remove(folder / "test.csv");
  EXPECT_TRUE(contains(stand_in(both), "'" + here + "/test.csv' is not there"));
  EXPECT_TRUE(contains(stand_in("npy:{data}/x.npy,{data}/y.npy"), "'" + here + "/x.npy' is not"));
  const auto error_on = [&](const std::string& data) {
    return error_of([&] { run_recipe(recipe_on(data, ""), how, threads); });
  };
  EXPECT_EQ(error_on(both), "the claim 't' needs data that are not there: '" + here +
                                "/test.csv'; name the folder of data sets by --data-dir");
  EXPECT_TRUE(contains(error_on("text:" + here + "/none"), "; write into the recipe where"));
}

}  // namespace
}  // namespace rectify::lab
