#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

/// Curves as pictures and as text: functions from data to bytes that know nothing about
/// activations.
namespace rectify::report {

struct Point {
  double x, y;
};

/// An interval of an axis, low < high.
struct Range {
  double low, high;
};

/// A point that stands for itself, such as the two ends of a jump: filled where the value is taken,
/// hollow where it is only approached.
struct Dot {
  Point at;
  bool filled;
};

/// One line of a plot. Pieces are not joined: between them the function jumps.
struct Curve {
  std::string name;  ///< as the legend says it
  std::vector<std::vector<Point>> pieces;
  std::vector<Dot> dots;
};

/// Curves over one pair of axes. The first curve is drawn solid, the second dashed, the third
/// dotted, in colours that people who are colour-blind tell apart; from the fourth on they repeat.
struct Plot {
  std::string title;     ///< the name
  std::string subtitle;  ///< a line in grey below it; may be empty
  std::string x_label;   ///< of the horizontal axis
  std::vector<Curve> curves;
  Range x, y;  ///< what is shown; what lies outside is cut off
};

/// `f` over `x` as a curve of some 500 to 1000 points, in pieces where f jumps by more than 1e-6,
/// with dots at the ends of the jumps. The grid is on multiples of a power of two, so that corners
/// at small whole numbers stay sharp. Where f is not finite the curve has a gap.
Curve sample(std::string name, const std::function<double(double)>& f, Range x);

/// The range that holds all points of the curves, 0 and 1, with a small margin, but nothing beyond
/// ±limit.
Range range_of(std::span<const Curve> curves, double limit);

/// Round numbers in [low, high], about `count` of them: multiples of 1, 2 or 5 times a power of
/// ten.
std::vector<double> ticks(Range range, int count);

enum class PictureFormat { png, svg };

/// The format that the ending of a file's name asks for, in capitals or not. Throws Error for any
/// ending but .png and .svg.
PictureFormat picture_format(const std::filesystem::path& file);

/// One plot: axes with ticks and labels, title, legend, on 720 x 460 units; twice as many pixels in
/// a PNG. Returns the bytes of the file. Throws Error when it cannot be drawn.
std::string draw(const Plot& plot, PictureFormat format);

/// Several plots as a grid with one legend, that of the first plot. Throws Error if there are no
/// plots.
std::string draw_grid(std::span<const Plot> plots, const std::string& title, PictureFormat format);

/// How a plot is written as text.
struct TextStyle {
  std::size_t columns = 80;  ///< no line is longer; at least 40 are taken
  bool colour = false;       ///< also tell curves apart by ANSI colours
};

/// One plot in braille dots, 24 lines high.
std::string draw_text(const Plot& plot, const TextStyle& style);

/// Several small plots as text, as many beside each other as fit.
std::string draw_text_grid(std::span<const Plot> plots, const TextStyle& style);

}  // namespace rectify::report
