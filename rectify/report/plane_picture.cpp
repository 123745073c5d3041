#include "rectify/report/plane_picture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/report/canvas.h"

namespace rectify::report {

namespace {

using diagnose::Cell;
using diagnose::Place;

/// Pale, so that lines over them are seen; from the eleventh answer on they repeat.
constexpr std::array<Colour, 10> answer_colours = {
    Colour{0.65, 0.80, 0.92}, {0.99, 0.80, 0.60}, {0.70, 0.88, 0.68}, {0.98, 0.72, 0.71},
    {0.82, 0.76, 0.90},       {0.99, 0.94, 0.62}, {0.70, 0.90, 0.90}, {0.86, 0.79, 0.72},
    {0.98, 0.80, 0.90},       {0.83, 0.83, 0.83}};
constexpr Colour plane_ink = {0.13, 0.13, 0.13}, plane_grey = {0.42, 0.42, 0.42};
constexpr double plane_side = 560, plane_left = 24, plane_top = 64, legend_width = 176;

/// The square on the canvas. y grows upwards.
Point on_canvas(Place place) {
  return {plane_left + place.x * plane_side, plane_top + (1 - place.y) * plane_side};
}

void outline(Canvas& canvas, const Cell& cell) {
  cairo_new_path(canvas.cr());  // a text leaves its end as a beginning
  for (const Place& corner : cell.corners) {
    const Point at = on_canvas(corner);
    cairo_line_to(canvas.cr(), at.x, at.y);
  }
  cairo_close_path(canvas.cr());
}

Cell grid_cell(std::size_t i, std::size_t j, std::size_t size) {
  const double step = 1 / static_cast<double>(size);
  const double x = static_cast<double>(i) * step, y = static_cast<double>(j) * step;
  return {{{x, y}, {x + step, y}, {x + step, y + step}, {x, y + step}}};
}

/// The answers that occur, the one with the largest area first.
std::vector<std::size_t> answers_by_area(const PlanePicture& picture) {
  std::vector<double> area(picture.answers.size());
  for (const diagnose::AnswerPart& part : picture.pieces.answers)
    area.at(part.largest) += part.cell.area();
  if (!picture.pieces.complete)
    for (const std::size_t answer : picture.grid.answers) area.at(answer) += 1;
  std::vector<std::size_t> order(area.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return area[i]; });
  std::erase_if(order, [&](std::size_t i) { return area[i] == 0; });
  return order;
}

/// The answers' colours by their order.
class AnswerColours {
 public:
  explicit AnswerColours(const std::vector<std::size_t>& order, std::size_t answers)
      : rank_(answers) {
    for (std::size_t i = 0; i < order.size(); ++i) rank_[order[i]] = i;
  }
  Colour of(std::size_t answer) const {
    return answer_colours[rank_[answer] % answer_colours.size()];
  }

 private:
  std::vector<std::size_t> rank_;
};

void draw_pieces(Canvas& canvas, const diagnose::PlanePieces& pieces,
                 const AnswerColours& colours) {
  cairo_set_antialias(canvas.cr(), CAIRO_ANTIALIAS_NONE);  // else the ground shows between them
  for (const diagnose::AnswerPart& part : pieces.answers) {
    canvas.colour(colours.of(part.largest));
    outline(canvas, part.cell);
    cairo_fill(canvas.cr());
  }
  cairo_set_antialias(canvas.cr(), CAIRO_ANTIALIAS_DEFAULT);
  const double many = static_cast<double>(pieces.polygons.size());
  cairo_set_line_width(canvas.cr(), std::clamp(30 / std::sqrt(many), 0.15, 0.7));
  cairo_set_source_rgba(canvas.cr(), plane_grey.red, plane_grey.green, plane_grey.blue, 0.8);
  for (const Cell& polygon : pieces.polygons) {
    outline(canvas, polygon);
    cairo_stroke(canvas.cr());
  }
  canvas.colour(plane_ink);
  cairo_set_line_cap(canvas.cr(), CAIRO_LINE_CAP_ROUND);
  for (const diagnose::Border& border : pieces.borders)
    canvas.line(on_canvas(border.from), on_canvas(border.to), 1.8);
}

/// Cells of the grid, dark where the answer differs from that of a neighbour.
void draw_grid_cells(Canvas& canvas, const diagnose::PlaneGrid& grid,
                     const AnswerColours& colours) {
  cairo_set_antialias(canvas.cr(), CAIRO_ANTIALIAS_NONE);
  for (std::size_t j = 0; j < grid.size; ++j)
    for (std::size_t i = 0; i < grid.size; ++i) {
      const std::size_t at = j * grid.size + i;
      const bool right = i + 1 < grid.size, up = j + 1 < grid.size;
      const auto& answers = grid.answers;
      const bool border = (right && answers[at] != answers[at + 1]) ||
                          (up && answers[at] != answers[at + grid.size]);
      const double shade = border ? 0.25 : 1;
      const Colour colour = colours.of(grid.answers[at]);
      canvas.colour({colour.red * shade, colour.green * shade, colour.blue * shade});
      outline(canvas, grid_cell(i, j, grid.size));
      cairo_fill(canvas.cr());
    }
  cairo_set_antialias(canvas.cr(), CAIRO_ANTIALIAS_DEFAULT);
}

/// White around the letters, so that they are read over lines.
void draw_name(Canvas& canvas, Point at, const std::string& name) {
  for (const auto& [x, y] : {std::pair{-1.2, 0.0}, {1.2, 0.0}, {0.0, -1.2}, {0.0, 1.2}})
    canvas.text({at.x + x, at.y + y}, name, 12.5, {1, 1, 1}, Align::centre, true);
  canvas.text(at, name, 12.5, plane_ink, Align::centre, true);
}

/// The first two are on a horizontal line: the name of one is below, that of the other above it.
void draw_samples(Canvas& canvas, const PlanePicture& picture) {
  for (std::size_t i = 0; i < 3; ++i) {
    const Point at = on_canvas(picture.plane.samples[i]);
    for (const auto& [radius, colour] :
         {std::pair{6.0, Colour{1, 1, 1}}, std::pair{4.2, plane_ink}}) {
      canvas.colour(colour);
      cairo_new_path(canvas.cr());
      cairo_arc(canvas.cr(), at.x, at.y, radius, 0, 6.2831853);
      cairo_fill(canvas.cr());
    }
    draw_name(canvas, {at.x, at.y + (i == 0 ? 20 : -11)}, picture.samples[i]);
  }
}

void draw_legend(Canvas& canvas, const PlanePicture& picture, const std::vector<std::size_t>& order,
                 const AnswerColours& colours) {
  const double left = plane_left + plane_side + 22;
  double y = plane_top + 12;
  canvas.text({left, y}, "answer", 12.5, plane_grey);
  constexpr std::size_t most = 24;
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
    y += 22;
    canvas.colour(colours.of(order[i]));
    cairo_rectangle(canvas.cr(), left, y - 11, 15, 15);
    cairo_fill(canvas.cr());
    canvas.text({left + 22, y + 1}, picture.answers[order[i]], 12.5, plane_ink);
  }
  if (order.size() > most)
    canvas.text({left, y + 22}, concat("and ", order.size() - most, " more"), 12.5, plane_grey);
}

std::string title_of(const PlanePicture& picture) {
  const diagnose::PlanePieces& pieces = picture.pieces;
  const std::size_t n = pieces.complete ? pieces.pieces : picture.limit;
  return concat(pieces.complete ? "" : "More than ", count_text(static_cast<std::int64_t>(n)),
                !pieces.complete     ? " patterns of units"
                : pieces.pieces == 1 ? " linear piece"
                                     : " linear pieces",
                " on the plane through three samples");
}

std::string subtitle_of(const PlanePicture& picture) {
  const std::string side = concat("The square's side is ", fixed_text(picture.plane.side, 2),
                                  " in units of scaled inputs. ");
  if (picture.pieces.complete) return side + "Thin: where a unit switches. Thick: decisions.";
  return concat(side, "Too many to draw: decisions at ", picture.grid.size, " x ",
                picture.grid.size, " places.");
}

}  // namespace

std::string draw_plane(const PlanePicture& picture, PictureFormat format) {
  Canvas canvas(format, plane_left + plane_side + legend_width, plane_top + plane_side + 20);
  const std::vector<std::size_t> order = answers_by_area(picture);
  const AnswerColours colours(order, picture.answers.size());
  canvas.text({plane_left, 28}, title_of(picture), 17, plane_ink, Align::left, true);
  canvas.text({plane_left, 48}, subtitle_of(picture), 12.5, plane_grey);
  if (picture.pieces.complete)
    draw_pieces(canvas, picture.pieces, colours);
  else
    draw_grid_cells(canvas, picture.grid, colours);
  draw_samples(canvas, picture);
  draw_legend(canvas, picture, order, colours);
  return canvas.finish();
}

}  // namespace rectify::report
