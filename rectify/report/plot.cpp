// Plots as pictures, drawn by cairo.

#include "rectify/report/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/report/canvas.h"

namespace rectify::report {
namespace {

// Blue, vermilion and bluish green of Okabe and Ito's palette, in which people with any of the
// common colour blindnesses tell lines apart; the dashes do it in print.
constexpr std::array<Colour, 3> palette = {
    Colour{0, 0.447, 0.698}, {0.835, 0.369, 0}, {0, 0.62, 0.451}};
constexpr Colour ink = {0.13, 0.13, 0.13}, grey = {0.42, 0.42, 0.42}, axis = {0.55, 0.55, 0.55},
                 grid = {0.90, 0.90, 0.90};

/// The sizes that differ between a single plot and a small one in a grid.
struct Style {
  double title, label;  ///< sizes of letters
  double line;          ///< width of a curve
  double dot;           ///< radius
  int x_ticks, y_ticks;
};
constexpr Style large = {19, 12.5, 2.2, 3.6, 9, 6};
constexpr Style small = {12.5, 9, 1.6, 2.5, 5, 4};

/// The rectangle between the axes, and what is shown in it.
struct Frame {
  double left, top, right, bottom;
  Range x, y;
  Point operator()(Point p) const {
    return {left + (p.x - x.low) / (x.high - x.low) * (right - left),
            bottom - (p.y - y.low) / (y.high - y.low) * (bottom - top)};
  }
  bool holds(Point p) const {
    return p.x >= x.low && p.x <= x.high && p.y >= y.low && p.y <= y.high;
  }
};

/// The text of a number with a true minus sign, as in print.
std::string printed_tick(double value) {
  const std::string text = number_text(std::round(value * 1e9) / 1e9);
  return text[0] == '-' ? "−" + text.substr(1) : text;
}

double distance(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = std::hypot(dx, dy);
  if (length == 0) return std::hypot(p.x - a.x, p.y - a.y);
  return std::abs(dx * (p.y - a.y) - dy * (p.x - a.x)) / length;
}

/// Marks the points between `first` and `last` that a line needs to stay within a twentieth of a
/// unit (Douglas and Peucker). A straight piece keeps two of its hundreds of points.
void mark_needed(const std::vector<Point>& points, std::size_t first, std::size_t last,
                 std::vector<bool>& needed) {
  constexpr double tolerance = 0.05;
  std::size_t farthest = first;
  double most = tolerance;
  for (std::size_t i = first + 1; i < last; ++i) {
    const double d = distance(points[i], points[first], points[last]);
    if (d > most) {
      most = d;
      farthest = i;
    }
  }
  needed[first] = needed[last] = true;
  if (farthest == first) return;
  mark_needed(points, first, farthest, needed);
  mark_needed(points, farthest, last, needed);
}

void trace(Canvas& canvas, const std::vector<Point>& points) {
  std::vector<bool> needed(points.size(), false);
  mark_needed(points, 0, points.size() - 1, needed);
  for (std::size_t i = 0; i < points.size(); ++i)
    if (needed[i]) cairo_line_to(canvas.cr(), points[i].x, points[i].y);
  cairo_stroke(canvas.cr());
}

void set_pen(Canvas& canvas, std::size_t curve, double width) {
  canvas.colour(palette[curve % palette.size()]);
  cairo_set_line_width(canvas.cr(), width);
  cairo_set_line_join(canvas.cr(), CAIRO_LINE_JOIN_ROUND);
  const double dashed[] = {width * 3.6, width * 2}, dotted[] = {width, width * 1.6};
  if (curve % 3 == 0) cairo_set_dash(canvas.cr(), nullptr, 0, 0);
  if (curve % 3 == 1) cairo_set_dash(canvas.cr(), dashed, 2, 0);
  if (curve % 3 == 2) cairo_set_dash(canvas.cr(), dotted, 2, 0);
}

void draw_curve(Canvas& canvas, const Frame& frame, const Curve& curve, std::size_t index,
                const Style& style) {
  set_pen(canvas, index, style.line);
  // The clip region is a little larger than the frame, so that a curve along its edge keeps its
  // width.
  cairo_save(canvas.cr());
  cairo_rectangle(canvas.cr(), frame.left, frame.top - style.line, frame.right - frame.left,
                  frame.bottom - frame.top + 2 * style.line);
  cairo_clip(canvas.cr());
  for (const std::vector<Point>& piece : curve.pieces) {
    std::vector<Point> points(piece.size());
    std::ranges::transform(piece, points.begin(), frame);
    if (points.size() > 1) trace(canvas, points);
  }
  cairo_restore(canvas.cr());
  cairo_set_dash(canvas.cr(), nullptr, 0, 0);
  cairo_set_line_width(canvas.cr(), style.line * 0.75);
  for (const Dot& dot : curve.dots) {
    if (!frame.holds(dot.at)) continue;
    const Point at = frame(dot.at);
    cairo_arc(canvas.cr(), at.x, at.y, style.dot, 0, 2 * 3.14159265358979);
    canvas.colour(dot.filled ? palette[index % palette.size()] : Colour{1, 1, 1});
    cairo_fill_preserve(canvas.cr());
    canvas.colour(palette[index % palette.size()]);
    cairo_stroke(canvas.cr());
  }
}

void draw_axes(Canvas& canvas, const Frame& frame, const Style& style) {
  const auto vertical = [&](double x, Colour c) {
    canvas.colour(c);
    canvas.line(frame({x, frame.y.low}), frame({x, frame.y.high}), 1);
  };
  const auto horizontal = [&](double y, Colour c) {
    canvas.colour(c);
    canvas.line(frame({frame.x.low, y}), frame({frame.x.high, y}), 1);
  };
  const std::vector<double> xs = ticks(frame.x, style.x_ticks), ys = ticks(frame.y, style.y_ticks);
  for (const double x : xs) {
    vertical(x, grid);
    canvas.text({frame({x, 0}).x, frame.bottom + style.label * 1.35}, printed_tick(x), style.label,
                grey, Align::centre);
  }
  for (const double y : ys) {
    horizontal(y, grid);
    canvas.text({frame.left - style.label * 0.5, frame({0, y}).y + style.label * 0.36},
                printed_tick(y), style.label, grey, Align::right);
  }
  const Point origin = {0, 0};
  if (frame.holds({0, frame.y.low})) vertical(origin.x, axis);
  if (frame.holds({frame.x.low, 0})) horizontal(origin.y, axis);
}

void draw_frame(Canvas& canvas, const Plot& plot, const Frame& frame, const Style& style) {
  draw_axes(canvas, frame, style);
  for (std::size_t i = 0; i < plot.curves.size(); ++i)
    draw_curve(canvas, frame, plot.curves[i], i, style);
}

/// Draws the legend: the names of the curves, each with a sample of its line. It ends at `right`;
/// returns where it begins.
double draw_legend(Canvas& canvas, const Plot& plot, double right, double baseline, double size) {
  constexpr double sample = 34, gap = 7, between = 20;
  for (std::size_t i = plot.curves.size(); i-- > 0;) {
    const std::string& name = plot.curves[i].name;
    canvas.text({right, baseline}, name, size, ink, Align::right);
    right -= canvas.text_width(name, size) + gap;
    set_pen(canvas, i, large.line);
    canvas.line({right - sample, baseline - size * 0.35}, {right, baseline - size * 0.35},
                large.line);
    right -= sample + between;
  }
  cairo_set_dash(canvas.cr(), nullptr, 0, 0);
  return right + between;
}

/// Draws text in a smaller size, down to two thirds, if it does not fit.
void fitted_text(Canvas& canvas, Point at, const std::string& text, double size, double width,
                 Colour c) {
  const double needed = canvas.text_width(text, size);
  canvas.text(at, text, size * std::clamp(width / std::max(needed, 1.0), 2.0 / 3, 1.0), c);
}

void check(const Plot& plot) {
  if (!(plot.x.low < plot.x.high) || !(plot.y.low < plot.y.high))
    fail("the plot '", plot.title, "' shows nothing: x from ", plot.x.low, " to ", plot.x.high,
         ", y from ", plot.y.low, " to ", plot.y.high);
}

}  // namespace

PictureFormat picture_format(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (ending == ".png") return PictureFormat::png;
  if (ending == ".svg") return PictureFormat::svg;
  fail("'", file.string(), "' is no name of a picture: it must end in .png or .svg");
}

std::string draw(const Plot& plot, PictureFormat format) {
  check(plot);
  constexpr double width = 720, height = 460, side = 24;
  Canvas canvas(format, width, height);
  canvas.text({side, 34}, plot.title, large.title, ink, Align::left, true);
  fitted_text(canvas, {side, 56}, plot.subtitle, 13.5, width - 2 * side, grey);
  draw_legend(canvas, plot, width - side, 33, 13.5);
  const Frame frame = {58, 76, width - side, height - 46, plot.x, plot.y};
  draw_frame(canvas, plot, frame, large);
  canvas.text({(frame.left + frame.right) / 2, height - 10}, plot.x_label, large.label, ink,
              Align::centre);
  return canvas.finish();
}

std::string draw_grid(std::span<const Plot> plots, const std::string& title, PictureFormat format) {
  if (plots.empty()) fail("there is no plot to draw");
  constexpr double cell_width = 236, cell_height = 186, head = 56, side = 14;
  const std::size_t columns =
      static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(plots.size()))));
  const std::size_t rows = (plots.size() + columns - 1) / columns;
  const double width = static_cast<double>(std::max(columns, std::size_t{2})) * cell_width;
  Canvas canvas(format, width + 2 * side, static_cast<double>(rows) * cell_height + head + side);
  canvas.text({side + 8, 34}, title, large.title, ink, Align::left, true);
  draw_legend(canvas, plots[0], width + side - 12, 33, 13.5);
  for (std::size_t i = 0; i < plots.size(); ++i) {
    check(plots[i]);
    const double left = side + static_cast<double>(i % columns) * cell_width;
    const double top = head + static_cast<double>(i / columns) * cell_height;
    const Frame frame = {left + 34,  top + 24,  left + cell_width - 12, top + cell_height - 22,
                         plots[i].x, plots[i].y};
    canvas.text({frame.left, top + 16}, plots[i].title, small.title, ink, Align::left, true);
    draw_frame(canvas, plots[i], frame, small);
  }
  return canvas.finish();
}

}  // namespace rectify::report
