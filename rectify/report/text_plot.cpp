// Plots as text: curves in braille dots, eight to a character, between axes of box characters.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/plot.h"

namespace rectify::report {
namespace {

constexpr std::size_t dots_across = 2, dots_down = 4;  // of one braille character
constexpr double dash = 6, pause = 4;                  // of the second curve's dashes, in dots

// Blue, yellow-orange and green: the nearest to the palette of the pictures that terminals have.
constexpr std::string_view colours[] = {"\033[34m", "\033[33m", "\033[32m"};
constexpr std::string_view plain = "\033[0m", bold = "\033[1m", faint = "\033[2m";

/// The first `width` characters.
std::string cut(const std::string& text, std::size_t width) {
  std::size_t at = 0, shown = 0;
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && shown++ == width) break;
  return text.substr(0, at);
}

/// The braille character U+2800 + the dots' bits, as UTF-8.
std::string braille(unsigned dots) {
  const unsigned code = 0x2800 + dots;
  return {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
          static_cast<char>(0x80 | (code & 0x3F))};
}

/// A field of braille characters on which curves are drawn.
class Field {
 public:
  Field(std::size_t columns, std::size_t rows, Range x, Range y)
      : columns_(columns), rows_(rows), x_(x), y_(y), cells_(columns * rows) {}

  void draw(const Curve& curve, std::size_t index) {
    for (const std::vector<Point>& piece : curve.pieces) {
      double length = 0;
      for (std::size_t i = 1; i < piece.size(); ++i)
        length = draw_line(place(piece[i - 1]), place(piece[i]), index, length);
    }
  }

  /// Row by row from the top; where nothing is drawn, the lines x = 0 and y = 0.
  std::string row(std::size_t row, bool colour) const {
    std::string out;
    const std::size_t zero_column = cell_of(across({0, 0}), dots_across);
    const std::size_t zero_row = cell_of(down({0, 0}), dots_down);
    for (std::size_t column = 0; column < columns_; ++column) {
      const Cell& cell = cells_[row * columns_ + column];
      if (cell.dots != 0) {
        out += colour ? concat_colour(cell) : braille(cell.dots);
      } else if (row == zero_row && column == zero_column) {
        out += colour ? std::string(faint) + "┼" + std::string(plain) : "┼";
      } else if (row == zero_row) {
        out += colour ? std::string(faint) + "┄" + std::string(plain) : "┄";
      } else if (column == zero_column) {
        out += colour ? std::string(faint) + "┊" + std::string(plain) : "┊";
      } else {
        out += ' ';
      }
    }
    return out;
  }

  /// The character into which x or y falls; past the last one if it lies outside.
  std::size_t column_of(double x) const { return cell_of(across({x, 0}), dots_across); }
  std::size_t row_of(double y) const { return cell_of(down({0, y}), dots_down); }

 private:
  struct Cell {
    unsigned dots = 0;
    std::size_t curve = 0;  ///< the first one drawn here; it gives the colour
  };

  static std::string concat_colour(const Cell& cell) {
    return std::string(colours[cell.curve % 3]) + braille(cell.dots) + std::string(plain);
  }
  static std::size_t cell_of(double dot, std::size_t dots_of_cell) {
    return dot < 0 ? ~std::size_t{0} : static_cast<std::size_t>(dot + 0.5) / dots_of_cell;
  }

  double across(Point p) const {
    return (p.x - x_.low) / (x_.high - x_.low) * static_cast<double>(columns_ * dots_across - 1);
  }
  double down(Point p) const {
    return (y_.high - p.y) / (y_.high - y_.low) * static_cast<double>(rows_ * dots_down - 1);
  }
  Point place(Point p) const { return {across(p), down(p)}; }

  void set(Point p, std::size_t curve) {
    constexpr unsigned bits[dots_down][dots_across] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
    const auto x = static_cast<std::int64_t>(std::lround(p.x));
    const auto y = static_cast<std::int64_t>(std::lround(p.y));
    if (x < 0 || y < 0) return;
    const auto column = static_cast<std::size_t>(x), row = static_cast<std::size_t>(y);
    if (column >= columns_ * dots_across || row >= rows_ * dots_down) return;
    Cell& cell = cells_[row / dots_down * columns_ + column / dots_across];
    if (cell.dots == 0) cell.curve = curve;
    cell.dots |= bits[row % dots_down][column % dots_across];
  }

  /// Draws dots from a to b, beginning `length` dots into the pattern of dashes. Returns the new
  /// length.
  double draw_line(Point a, Point b, std::size_t curve, double length) {
    const double far = static_cast<double>(rows_ * dots_down) + 8;
    a.y = std::clamp(a.y, -8.0, far);  // a steep line to far outside takes no longer than others
    b.y = std::clamp(b.y, -8.0, far);
    const double distance = std::hypot(b.x - a.x, b.y - a.y);
    const int steps = std::max(1, static_cast<int>(std::ceil(2 * distance)));
    for (int i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps, at = length + share * distance;
      const double period = curve % 3 == 1 ? dash + pause : 4;
      const double on = curve % 3 == 0 ? period : curve % 3 == 1 ? dash : 1;
      if (std::fmod(at, period) < on)
        set({a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)}, curve);
    }
    return length + distance;
  }

  std::size_t columns_, rows_;
  Range x_, y_;
  std::vector<Cell> cells_;
};

Field field_of(const Plot& plot, std::size_t columns, std::size_t rows) {
  Field field(columns, rows, plot.x, plot.y);
  for (std::size_t i = 0; i < plot.curves.size(); ++i) field.draw(plot.curves[i], i);
  return field;
}

std::string legend(const Plot& plot, bool colour) {
  constexpr std::string_view samples[] = {"⠒⠒⠒⠒⠒⠒⠒", "⠒⠒⠒⠀⠒⠒⠒", "⠂⠐⠀⠂⠐⠀⠂"};
  std::string out;
  for (std::size_t i = 0; i < plot.curves.size(); ++i) {
    const std::string sample(samples[i % 3]);
    out += (i > 0 ? "    " : "");
    out += colour ? std::string(colours[i % 3]) + sample + std::string(plain) : sample;
    out += " " + plot.curves[i].name;
  }
  return out;
}

std::string tick_text(double value) { return number_text(std::round(value * 1e9) / 1e9); }

/// Labels of the horizontal axis, each below its tick.
std::string x_labels(const Plot& plot, const Field& field, std::size_t columns) {
  std::string out;
  for (const double x : ticks(plot.x, 8)) {
    const std::string text = tick_text(x);
    const std::size_t at = field.column_of(x), begin = at - std::min(at, text.size() / 2);
    if (at >= columns || (!out.empty() && begin < out.size() + 1)) continue;
    out += std::string(begin - out.size(), ' ') + text;
  }
  return out;
}

}  // namespace

std::string draw_text(const Plot& plot, const TextStyle& style) {
  constexpr std::size_t labels = 7, rows = 20;
  const std::size_t columns = std::max(style.columns, std::size_t{40}) - labels - 2;
  const Field field = field_of(plot, columns, rows);
  std::vector<std::string> left(rows, std::string(labels, ' ') + "│");
  for (const double y : ticks(plot.y, 6)) {
    const std::string text = tick_text(y);
    if (field.row_of(y) < rows && text.size() < labels)
      left[field.row_of(y)] = std::string(labels - 1 - text.size(), ' ') + text + " ┤";
  }
  std::string bottom = std::string(labels, ' ') + "└";
  std::vector<bool> ticked(columns, false);
  for (const double x : ticks(plot.x, 8))
    if (field.column_of(x) < columns) ticked[field.column_of(x)] = true;
  for (const bool tick : ticked) bottom += tick ? "┬" : "─";

  std::string out = style.colour ? std::string(bold) + plot.title + std::string(plain) : plot.title;
  const std::size_t room = columns + labels - std::min(columns_of(plot.title), columns);
  if (!plot.subtitle.empty()) out += "  " + cut(plot.subtitle, room);
  out += "\n" + std::string(labels + 1, ' ') + legend(plot, style.colour) + "\n";
  for (std::size_t row = 0; row < rows; ++row)
    out += left[row] + field.row(row, style.colour) + "\n";
  return out + bottom + "\n" + std::string(labels + 1, ' ') + x_labels(plot, field, columns) + "\n";
}

std::string draw_text_grid(std::span<const Plot> plots, const TextStyle& style) {
  constexpr std::size_t columns = 25, rows = 7, gap = 2;
  if (plots.empty()) return {};
  const std::size_t beside =
      std::max<std::size_t>(1, (std::max(style.columns, columns) + gap) / (columns + gap));
  std::string out = legend(plots[0], style.colour) + "\n";
  for (std::size_t first = 0; first < plots.size(); first += beside) {
    const std::span<const Plot> line = plots.subspan(first, std::min(beside, plots.size() - first));
    std::vector<std::string> lines(rows + 2);
    for (std::size_t i = 0; i < line.size(); ++i) {
      const Plot& plot = line[i];
      const Field field = field_of(plot, columns, rows);
      const std::string space(i > 0 ? gap : 0, ' ');
      const std::string title = padded(cut(plot.title, columns), columns);
      lines[0] += space + (style.colour ? std::string(bold) + title + std::string(plain) : title);
      for (std::size_t row = 0; row < rows; ++row)
        lines[row + 1] += space + field.row(row, style.colour);
      const std::string ranges = "x " + tick_text(plot.x.low) + ".." + tick_text(plot.x.high) +
                                 "  y " + fixed_text(plot.y.low, 1) + ".." +
                                 fixed_text(plot.y.high, 1);
      const std::string foot = padded(cut(ranges, columns), columns);
      lines[rows + 1] +=
          space + (style.colour ? std::string(faint) + foot + std::string(plain) : foot);
    }
    out += "\n";
    for (std::string& text : lines) {
      if (!style.colour) text.erase(text.find_last_not_of(' ') + 1);
      out += text + "\n";
    }
  }
  return out;
}

}  // namespace rectify::report
