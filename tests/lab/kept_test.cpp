#include "rectify/lab/kept.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify::lab {
namespace {

TEST(Kept, IsTheSameForWhoeverMakesItAndWhoeverFindsIt) {
  const TemporaryFolder folder;
  int made = 0;
  const auto document = [&] {
    return kept_document(folder / "piece.json", [&]() -> Json {
      ++made;
      return {{"finite", 0.1}, {"infinite", INFINITY}, {"none", std::nan("")}};
    });
  };
  const Json first = document(), second = document();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(first.dump(), second.dump());
  EXPECT_TRUE(first.at("infinite").is_null());
  EXPECT_EQ(first.at("finite").get<double>(), 0.1);
  const auto outcome = [&] {
    return kept_trial(folder / "trial.json", [] { return TrialOutcome{INFINITY, INFINITY}; });
  };
  EXPECT_EQ(outcome().error, INFINITY);
  EXPECT_EQ(outcome().error, INFINITY) << "an infinite error of a trial comes back";
}

TEST(Kept, NamesAFileThatIsDamaged) {
  const TemporaryFolder folder;
  folder.write("piece.json", "{\"finite\": ");
  EXPECT_TRUE(
      contains(error_of([&] { kept_document(folder / "piece.json", [] { return Json(); }); }),
               (folder / "piece.json").string() + "' cannot be read; delete it"));
}

}  // namespace
}  // namespace rectify::lab
