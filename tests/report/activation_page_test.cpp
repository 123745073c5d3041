// Holds docs/activations/ against the rows that it is made from.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/report/activations.h"

namespace rectify::report {
namespace {

namespace fs = std::filesystem;

const fs::path committed = fs::path(RECTIFY_SOURCE_DIR) / "docs" / "activations";
constexpr const char* remedy =
    "the rows have changed; run: build/bin/rectify activations --page docs/activations";

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

TEST(ActivationPage, IsTheOneThatIsCommitted) {
  ASSERT_TRUE(fs::exists(committed / "README.md")) << remedy;
  // Not EXPECT_EQ, which would print both.
  EXPECT_TRUE(read_file(committed / "README.md") == activation_readme()) << remedy;
  // Pictures may differ in their bytes from one version of cairo or of the fonts to another.
  const std::vector<PageFile> files = activation_page();
  for (const PageFile& file : files) {
    ASSERT_TRUE(fs::exists(committed / file.name)) << file.name << ": " << remedy;
    if (!file.name.ends_with(".svg")) continue;
    for (const std::string& svg : {file.content, read_file(committed / file.name)}) {
      EXPECT_TRUE(svg.starts_with("<?xml") && svg.ends_with("</svg>\n")) << file.name;
      EXPECT_NE(svg.find("stroke-dasharray"), std::string::npos) << file.name;
    }
  }
  for (const auto& entry : fs::directory_iterator(committed))
    EXPECT_EQ(std::ranges::count(files, entry.path().filename().string(), &PageFile::name), 1)
        << entry.path().filename() << " is of no row: remove it";
}

TEST(ActivationPage, HasEveryRowWithItsPicture) {
  const std::string page = activation_readme();
  for (const activation::Row& row : activation::family()) {
    const std::string name(row.name);
    EXPECT_NE(page.find("\n## " + name + "\n"), std::string::npos);
    EXPECT_NE(page.find("](" + name + ".svg)"), std::string::npos);
    EXPECT_NE(page.find("[`" + name + "`](#" + name + ")"), std::string::npos);
  }
}

TEST(ActivationTable, FitsEightyColumnsWithAndWithoutCosts) {
  std::vector<activation::Cost> costs(activation::family().size(), {0.5, 0.25, 1234.5, 0.123});
  for (const std::string& text : {activation_table(), activation_table(costs)})
    for (const std::string& line : split(text, '\n')) EXPECT_LE(columns_of(line), 80u) << line;
  EXPECT_NE(activation_table(costs).find("0.12"), std::string::npos);
}

TEST(ActivationSheet, FitsEightyColumnsForEveryRow) {
  for (const activation::Row& row : activation::family()) {
    const std::string sheet = activation_sheet(row, {0.1, 0.2, 0.3, 0.4});
    for (const std::string& line : split(sheet, '\n')) EXPECT_LE(columns_of(line), 80u) << line;
    EXPECT_NE(sheet.find("0.100 ns, 0.30 cycles"), std::string::npos);
  }
}

TEST(ActivationPlot, ShowsWhereEveryRowGoes) {
  for (const activation::Row& row : activation::family()) {
    const Plot plot = activation_plot(row);
    EXPECT_EQ(plot.title, row.name);
    ASSERT_EQ(plot.curves.size(), 2u);
    EXPECT_LE(plot.x.low, -4) << row.name;
    EXPECT_GE(plot.x.high, 4) << row.name;
    const activation::Properties has = activation::properties(row, row.defaults());
    EXPECT_EQ(plot.curves[1].pieces.size() > 1, !has.smooth) << row.name;
    if (!std::isfinite(has.low) || !std::isfinite(has.high)) continue;
    const double near = (has.high - has.low) / 10;
    EXPECT_GE(has.low + near, plot.y.low) << row.name;
    EXPECT_LE(has.high - near, plot.y.high) << row.name;
  }
}

TEST(ActivationPlot, IsWiderWhereTheRowIs) {
  const auto right = [](std::string_view name) {
    return activation_plot(activation::find(name)).x.high;
  };
  EXPECT_EQ(right("relu"), 4);
  EXPECT_EQ(right("tanh"), 4);
  EXPECT_EQ(right("sigmoid"), 6);
}

TEST(ActivationPlot, OfAWaveShowsAFewPeriods) {
  activation::Row wave = activation::find("identity");
  wave.value = [](double x, const activation::Parameters&) {
    return std::abs(x) < 100 ? x + std::sin(x) : x;
  };
  wave.slope = [](double x, const activation::Parameters&) {
    return std::abs(x) < 100 ? 1 + std::cos(x) : 1.0;
  };
  EXPECT_EQ(activation_plot(wave).x.high, 24);
  EXPECT_EQ(activation_plot(wave).x.low, -24);
}

}  // namespace
}  // namespace rectify::report
