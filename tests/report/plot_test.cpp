#include "rectify/report/plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::report {
namespace {

double step(double x) { return x > 0.5 ? 1 : 0; }

Plot plot_of(const std::function<double(double)>& f, Range x, std::string title = "name") {
  Plot plot = {std::move(title), "f(x)", "x", {sample("value", f, x)}, x, {}};
  plot.y = range_of(plot.curves, 4);
  return plot;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++n;
  return n;
}

/// The characters of a line of UTF-8.
std::vector<std::string> characters(const std::string& line) {
  std::vector<std::string> out;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) out.emplace_back();
    out.back() += c;
  }
  return out;
}

bool is_braille(const std::string& character) { return character >= "⠁" && character <= "⣿"; }

unsigned big_endian(std::string_view bytes) {
  unsigned value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Sample, EndsAPieceAtAJumpAndBeginsAnotherThere) {
  const Curve curve = sample("step", step, {-4, 4});
  ASSERT_EQ(curve.pieces.size(), 2u);
  EXPECT_EQ(curve.pieces[0].front().x, -4);
  EXPECT_EQ(curve.pieces[0].back().x, 0.5);
  EXPECT_EQ(curve.pieces[0].back().y, 0);
  EXPECT_EQ(curve.pieces[1].front().x, 0.5);
  EXPECT_EQ(curve.pieces[1].front().y, 1);
  EXPECT_EQ(curve.pieces[1].back().x, 4);
  ASSERT_EQ(curve.dots.size(), 2u);
  EXPECT_TRUE(curve.dots[0].filled);  // 0 is what holds at 0.5
  EXPECT_FALSE(curve.dots[1].filled);
}

TEST(Sample, ShowsAValueThatStandsAloneInAJump) {
  const Curve curve =
      sample("sign", [](double x) { return x > 0   ? 1.0
                                           : x < 0 ? -1.0
                                                   : 0.5; }, {-4, 4});
  ASSERT_EQ(curve.dots.size(), 3u);
  EXPECT_EQ(curve.dots[2].at.y, 0.5);
  EXPECT_TRUE(curve.dots[2].filled);
  EXPECT_FALSE(curve.dots[0].filled || curve.dots[1].filled);
}

TEST(Sample, KeepsSteepButContinuousFunctionsInOnePiece) {
  for (const double steepness : {1.0, 30.0, 1000.0}) {
    const Curve curve = sample("tanh", [&](double x) { return std::tanh(steepness * x); }, {-4, 4});
    EXPECT_EQ(curve.pieces.size(), 1u) << steepness;
    EXPECT_TRUE(curve.dots.empty()) << steepness;
  }
}

TEST(Sample, FindsJumpsWhereverTheyAre) {
  for (const double at : {-4 + 1e-3, -1.0, 0.1, 1.0 / 3, std::sqrt(2.0), 3.999}) {
    const Curve curve = sample("step", [&](double x) { return x < at ? 2.0 : -1.0; }, {-4, 4});
    ASSERT_EQ(curve.pieces.size(), 2u) << at;
    EXPECT_NEAR(curve.pieces[1].front().x, at, 1e-9);
    // Of a number with more decimals it cannot be known on which side of its rounding the jump is.
    const bool written = at == std::round(at * 1e6) / 1e6;
    EXPECT_TRUE(curve.dots[1].filled || !written) << at;
  }
}

TEST(Sample, KeepsCornersAndCoversTheWholeRange) {
  const Curve curve = sample("abs", [](double x) { return std::abs(x - 1); }, {-4, 7.3});
  ASSERT_EQ(curve.pieces.size(), 1u);
  const std::vector<Point>& points = curve.pieces[0];
  EXPECT_GE(points.size(), 500u);
  EXPECT_LE(points.size(), 1100u);
  EXPECT_EQ(points.front().x, -4);
  EXPECT_EQ(points.back().x, 7.3);
  for (std::size_t i = 1; i < points.size(); ++i) EXPECT_LT(points[i - 1].x, points[i].x);
  EXPECT_EQ(std::ranges::count_if(points, [](Point p) { return p.x == 1 && p.y == 0; }), 1);
}

TEST(Sample, LeavesAGapWhereTheFunctionIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Curve curve = sample("hole", [&](double x) { return std::abs(x) < 1 ? nan : x; }, {-4, 4});
  ASSERT_EQ(curve.pieces.size(), 2u);
  EXPECT_LE(curve.pieces[0].back().x, -1);
  EXPECT_GE(curve.pieces[1].front().x, 1);
}

TEST(Ticks, AreRoundNumbersInTheRange) {
  EXPECT_EQ(ticks({-4, 4}, 9), (std::vector<double>{-4, -3, -2, -1, 0, 1, 2, 3, 4}));
  EXPECT_EQ(ticks({0, 1}, 5), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
  EXPECT_EQ(ticks({-16, 128}, 7), (std::vector<double>{0, 20, 40, 60, 80, 100, 120}));
  for (const int wanted : {3, 5, 8})
    for (const double width : {1e-3, 0.7, 1.0, 3.3, 49.0, 1e6}) {
      const std::size_t n = ticks({-0.3 * width, 0.7 * width}, wanted).size();
      EXPECT_GE(n, 2u) << width;
      EXPECT_LE(n, 2 * static_cast<std::size_t>(wanted)) << width;
    }
}

TEST(RangeOf, HoldsCurvesZeroAndOneButNothingBeyondTheLimit) {
  const std::vector<Curve> small = {sample("small", [](double) { return 0.25; }, {-4, 4})};
  EXPECT_LT(range_of(small, 4).low, 0);
  EXPECT_GT(range_of(small, 4).high, 1);
  const std::vector<Curve> large = {sample("large", [](double x) { return x * x * x; }, {-4, 4})};
  EXPECT_NEAR(range_of(large, 4).high, 4.48, 1e-9);
  EXPECT_NEAR(range_of(large, 4).low, -4.48, 1e-9);
}

TEST(PictureFormat, FollowsFromTheEndingAndNothingElse) {
  EXPECT_EQ(picture_format("a/b.png"), PictureFormat::png);
  EXPECT_EQ(picture_format("b.SVG"), PictureFormat::svg);
  for (const char* wrong : {"a.jpg", "png", "", ".", "a.png/", "a.svg.gz", ".png"})
    EXPECT_NE(error_of([&] { picture_format(wrong); }).find("must end in .png or .svg"),
              std::string::npos)
        << wrong;
}

TEST(Draw, MakesAnSvgOfItsCurvesAxesAndDots) {
  const std::string svg = draw(plot_of(step, {-4, 4}), PictureFormat::svg);
  EXPECT_TRUE(svg.starts_with("<?xml"));
  EXPECT_NE(svg.find("viewBox=\"0 0 720 460\""), std::string::npos);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_EQ(count(svg, "rgb(0%,44.7"), 2 + 1 + 3u) << "two pieces, the legend, two dots' rings "
                                                      "and the filled one's inside";
  EXPECT_EQ(svg.find(" id=\"surface"), std::string::npos);
}

TEST(Draw, IsTheSameBytesWhateverWasDrawnBefore) {
  for (const PictureFormat format : {PictureFormat::svg, PictureFormat::png}) {
    const std::string first = draw(plot_of(step, {-4, 4}), format);
    draw(plot_of([](double x) { return x; }, {-1, 9}), format);
    EXPECT_EQ(draw(plot_of(step, {-4, 4}), format), first);
  }
}

TEST(Draw, MakesAPngOfTwiceTheUnits) {
  const std::string png = draw(plot_of(step, {-4, 4}), PictureFormat::png);
  ASSERT_TRUE(png.starts_with("\x89PNG"));
  EXPECT_EQ(big_endian(std::string_view(png).substr(16)), 1440u);
  EXPECT_EQ(big_endian(std::string_view(png).substr(20)), 920u);
}

TEST(Draw, OfAStraightLineKeepsTwoPoints) {
  const auto size = [](auto f) { return draw(plot_of(f, {-4, 4}), PictureFormat::svg).size(); };
  EXPECT_LT(size([](double x) { return x; }) + 200, size([](double x) { return std::sin(x); }));
  EXPECT_LT(size([](double x) { return std::sin(x); }), 60000u);
}

TEST(Draw, OfAGridGrowsWithItsPlots) {
  std::vector<Plot> plots;
  std::size_t before = 0;
  for (int n = 1; n <= 5; ++n) {
    plots.push_back(plot_of(step, {-4, 4}, "plot" + std::to_string(n)));
    const std::string svg = draw_grid(plots, "all", PictureFormat::svg);
    EXPECT_GT(svg.size(), before);
    before = svg.size();
  }
}

TEST(Draw, SaysWhyItCannotBe) {
  EXPECT_EQ(error_of([] { draw_grid({}, "all", PictureFormat::svg); }), "there is no plot to draw");
  Plot plot = plot_of(step, {-4, 4});
  plot.x = {1, 1};
  EXPECT_NE(error_of([&] { draw(plot, PictureFormat::png); }).find("shows nothing: x from 1 to 1"),
            std::string::npos);
  Plot not_a_number = plot_of(step, {-4, 4});
  not_a_number.y.high = std::nan("");
  EXPECT_NE(error_of([&] { draw(not_a_number, PictureFormat::svg); }).find("shows nothing"),
            std::string::npos);
}

TEST(Draw, OfBadTextIsAnErrorAndNoCrash) {
  Plot plot = plot_of(step, {-4, 4}, "bad \xff\xfe utf-8");
  EXPECT_NE(error_of([&] { draw(plot, PictureFormat::svg); }).find("cannot be drawn"),
            std::string::npos);
}

TEST(DrawText, FitsItsColumnsAndHasNoColourUnlessAsked) {
  const Plot plot = plot_of([](double x) { return std::tanh(x); }, {-4, 4});
  for (const std::size_t columns : {40u, 80u, 120u}) {
    const std::string text = draw_text(plot, {columns, false});
    EXPECT_EQ(text.find('\033'), std::string::npos);
    for (const std::string& line : split(text, '\n'))
      EXPECT_LE(characters(line).size(), columns) << line;
  }
  EXPECT_NE(draw_text(plot, {80, true}).find("\033[34m"), std::string::npos);
}

TEST(DrawText, DrawsAJumpAsNoSteepLine) {
  const std::string text = draw_text(plot_of(step, {-4, 4}), {});
  // Only the rows of 0 and of 1 have anything of the curve.
  std::size_t rows = 0;
  const std::vector<std::string> lines = split(text, '\n');
  for (std::size_t i = 2; i < lines.size(); ++i) {
    std::size_t drawn = 0;
    for (const std::string& c : characters(lines[i])) drawn += is_braille(c);
    rows += drawn > 0;
    EXPECT_TRUE(drawn == 0 || drawn > 20) << lines[i];
  }
  EXPECT_EQ(rows, 2u);
}

TEST(DrawText, TellsTheSecondCurveFromTheFirstWithoutColour) {
  Plot plot = plot_of([](double) { return 0.25; }, {-4, 4});
  plot.curves.push_back(sample("other", [](double) { return 0.75; }, {-4, 4}));
  std::vector<std::size_t> drawn;
  const std::vector<std::string> lines = split(draw_text(plot, {}), '\n');
  for (std::size_t i = 2; i < lines.size(); ++i) {
    std::size_t cells = 0;
    for (const std::string& c : characters(lines[i])) cells += is_braille(c);
    if (cells > 0) drawn.push_back(cells);
  }
  ASSERT_EQ(drawn.size(), 2u);
  EXPECT_LT(drawn[0], drawn[1] - 5) << "the dashed one, above, has gaps";
}

TEST(DrawText, OfAGridPutsAsManyBesideEachOtherAsFit) {
  std::vector<Plot> plots;
  for (int i = 0; i < 4; ++i) plots.push_back(plot_of(step, {-4, 4}, "p" + std::to_string(i)));
  const std::string text = draw_text_grid(plots, {80, false});
  for (const std::string& line : split(text, '\n')) EXPECT_LE(characters(line).size(), 80u) << line;
  const std::string title = split(text, '\n')[2];
  EXPECT_NE(title.find("p2"), std::string::npos);
  EXPECT_EQ(title.find("p3"), std::string::npos);
  EXPECT_NE(text.find("\np3\n"), std::string::npos);
  EXPECT_EQ(draw_text_grid({}, {}), "");
}

}  // namespace
}  // namespace rectify::report
