#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "rectify/data/dataset.h"
#include "rectify/data/kinds.h"
#include "tests/data/idx_files.h"

namespace rectify::data {
namespace {

using testing::error_of;

std::string open_error(const std::string& spec) {
  ThreadPool threads(1);
  return error_of([&] { open(spec, threads); });
}

TEST(Open, SuggestsTheNearestKind) {
  EXPECT_EQ(open_error("glyph:train=10"),
            "data 'glyph:train=10': there is no kind 'glyph'; did you mean 'glyphs'?");
  const std::string error = open_error("parquet:x");
  EXPECT_NE(error.find("data 'parquet:x': there is no kind 'parquet'; known are "),
            std::string::npos);
  const std::string forms = open_error("");
  EXPECT_NE(forms.find("data SPEC is empty; it may be "), std::string::npos);
  for (const Kind* kind : kinds()) {
    EXPECT_NE(error.find(kind->name), std::string::npos) << kind->name;
    EXPECT_NE(forms.find(kind->form), std::string::npos) << kind->name;
    EXPECT_TRUE(std::string(kind->form).starts_with(kind->name)) << kind->name;
  }
  EXPECT_NE(open_error(":").find("there is no kind ''"), std::string::npos);
}

TEST(Open, KnowsAFolderWithoutItsKind) {
  const TemporaryFolder folder;
  EXPECT_NE(open_error(folder.string()).find("write mnist:" + folder.string()), std::string::npos);
}

TEST(Open, KnowsTheFilesAndFoldersOfASpec) {
  using Paths = std::vector<std::string>;
  EXPECT_EQ(paths_of("csv:d/a.csv:y"), (Paths{"d/a.csv"}));
  EXPECT_EQ(paths_of("csv:d/a:b,c.csv:y,task=regression,test=d/b.csv"),
            (Paths{"d/a:b,c.csv", "d/b.csv"}));
  EXPECT_EQ(paths_of("npy:d/x.npy, d/y.npy,task=auto"), (Paths{"d/x.npy", "d/y.npy"}));
  EXPECT_EQ(paths_of("npz:d/xy.npz"), (Paths{"d/xy.npz"}));
  EXPECT_EQ(paths_of("cifar100:d/x:coarse"), (Paths{"d/x"}));
  EXPECT_EQ(paths_of("images:d/pictures,size=32"), (Paths{"d/pictures"}));
  EXPECT_EQ(paths_of("text:d/words,context=8"), (Paths{"d/words"}));
  EXPECT_EQ(paths_of("moons:train=10"), Paths());
  EXPECT_NE(error_of([] { paths_of("csv:d/a.csv:y,tset=b.csv"); }).find("'test'"),
            std::string::npos);
  for (const Kind* kind : kinds()) {
    const std::string form = kind->form;
    const bool reads = form.find("DIR") != form.npos || form.find("FILE") != form.npos ||
                       form.find(":X,Y") != form.npos;
    EXPECT_EQ(kind->paths != nullptr, reads) << form;
  }
}

TEST(Open, KnowsTheFolderOfOneOfSeveralSets) {
  const TemporaryFolder folder;
  const std::string set = (folder / "emnist-letters").string();
  EXPECT_EQ(paths_of("mnist:" + set), (std::vector<std::string>{set}));
  folder.write("emnist-letters-train-images-idx3-ubyte", "");
  EXPECT_EQ(paths_of("mnist:" + set), (std::vector<std::string>{folder.string()}));
}

TEST(Open, EveryKindExplainsItselfWhenItIsGivenNothingOrNonsense) {
  for (const Kind* kind : kinds())
    for (const char* argument : {":/no/such/place", ":,", ":a,b=c:d"}) {
      const std::string error = open_error(kind->name + std::string(argument));
      EXPECT_FALSE(error.empty()) << kind->name << argument;
      EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
}

TEST(Open, RefusesUnknownOptionsOfEveryGenerator) {
  for (const char* kind : {"glyphs", "moons", "spirals", "toys"}) {
    EXPECT_NE(open_error(std::string(kind) + ":sed=1").find("did you mean 'seed'?"),
              std::string::npos);
    EXPECT_EQ(open_error(std::string(kind) + ":train=20,test=10"), "");
  }
}

TEST(Toys, AreBalancedPointsThatTheSeedChooses) {
  ThreadPool threads(1);
  for (const std::string kind : {"moons", "spirals"}) {
    const Dataset dataset = open(kind, threads);
    EXPECT_EQ(dataset.spec, kind);
    EXPECT_EQ(dataset.sample_shape, Shape{2});
    EXPECT_EQ(dataset.classes(), 2u);
    EXPECT_EQ(dataset.train.count, 2000u);
    EXPECT_EQ(dataset.train.values.size(), 4000u);
    EXPECT_EQ(dataset.test.count, 1000u);
    EXPECT_TRUE(dataset.train.bytes.empty());
    for (const float v : dataset.train.values) EXPECT_TRUE(std::abs(v) < 4);
    EXPECT_EQ(open(kind, threads).train.values, dataset.train.values);
    EXPECT_NE(open(kind + ":seed=2", threads).train.values, dataset.train.values);
    EXPECT_NE(open(kind + ":noise=0.3", threads).train.values, dataset.train.values);
  }
}

TEST(Toys, AreAlsoOneKindWithAShape) {
  ThreadPool threads(1);
  EXPECT_EQ(open("toys", threads).train.values, open("moons", threads).train.values);
  EXPECT_EQ(open("toys:shape=spirals,seed=4", threads).train.values,
            open("spirals:seed=4", threads).train.values);
  EXPECT_NE(open_error("toys:shape=spiral").find("did you mean 'spirals'?"), std::string::npos);
}

TEST(Toys, WithoutNoiseLieOnTheirCurves) {
  ThreadPool threads(1);
  const Dataset moons = open("moons:noise=0", threads);
  for (std::size_t i = 0; i < moons.train.count; ++i) {
    const float x = moons.train.values[2 * i], y = moons.train.values[2 * i + 1];
    const bool lower = moons.train.labels[i] == 1;
    EXPECT_NEAR(lower ? std::hypot(x - 1, y - 0.5f) : std::hypot(x, y), 1, 1e-5);
    EXPECT_TRUE(lower ? y <= 0.5f : y >= 0) << i;
  }
}

}  // namespace
}  // namespace rectify::data
