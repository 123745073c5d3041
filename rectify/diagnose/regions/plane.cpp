#include "rectify/diagnose/regions/plane.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/diagnose/regions/merge.h"
#include "rectify/run/plan.h"

namespace rectify::diagnose {

namespace {

using PlaneVector = std::vector<double>;

double plane_dot(const PlaneVector& a, const PlaneVector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

PlaneVector vector_from(std::span<const float> a, std::span<const float> b) {
  PlaneVector result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = double{a[i]} - double{b[i]};
  return result;
}

void stretch_by(PlaneVector& v, double factor) {
  for (double& number : v) number *= factor;
}

void move_along(PlaneVector& to, const PlaneVector& v, double factor) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * v[i];
}

/// In a network of one output, the side of 0.
std::vector<LinearForm> answer_forms(const AffineRows& outputs) {
  std::vector<LinearForm> forms;
  if (outputs.width == 1) forms.push_back({});
  for (std::size_t i = 0; i < outputs.width; ++i) forms.push_back(outputs.form(i));
  return forms;
}

/// What two parts of one piece have in common: their corners on the line that separates them.
void add_border(const Cell& a, const Cell& b, std::vector<Border>& borders) {
  std::vector<Place> common;
  for (const Place& one : a.corners)
    for (const Place& other : b.corners)
      if (std::hypot(one.x - other.x, one.y - other.y) < 1e-9) common.push_back(one);
  Border widest;
  double length = 1e-9;
  for (const Place& one : common)
    for (const Place& other : common)
      if (const double apart = std::hypot(one.x - other.x, one.y - other.y); apart > length) {
        length = apart;
        widest = {one, other};
      }
  if (length > 1e-9) borders.push_back(widest);
}

void add_answer_parts(const AffinePart& part, PlanePieces& into) {
  std::vector<Cell> cells = largest_parts(part.cell, answer_forms(part.outputs));
  for (std::size_t i = 0; i < cells.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) add_border(cells[i], cells[j], into.borders);
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!cells[i].corners.empty()) into.answers.push_back({std::move(cells[i]), i});
}

std::size_t answer_of(std::span<const float> outputs) {
  if (outputs.size() == 1) return outputs[0] > 0 ? 1 : 0;
  return static_cast<std::size_t>(std::ranges::max_element(outputs) - outputs.begin());
}

void check_plane(const Plane& plane, std::size_t inputs) {
  if (plane.corner.size() != inputs)
    fail("the plane is one of ", plane.corner.size(), " numbers but the network takes ", inputs);
}

PlaneVector rows_of(const Plane& plane) {
  PlaneVector rows = plane.corner;
  rows.insert(rows.end(), plane.x.begin(), plane.x.end());
  rows.insert(rows.end(), plane.y.begin(), plane.y.end());
  return rows;
}

}  // namespace

Plane plane_through(std::span<const float> a, std::span<const float> b, std::span<const float> c,
                    double margin) {
  if (a.size() != b.size() || a.size() != c.size())
    fail("three inputs of ", a.size(), ", ", b.size(), " and ", c.size(),
         " numbers lie on no plane");
  PlaneVector x = vector_from(b, a), y = vector_from(c, a);
  const double width = std::sqrt(plane_dot(x, x)), far = std::sqrt(plane_dot(y, y));
  if (width == 0 || far == 0 || std::ranges::equal(b, c))
    fail("two of the three inputs are the same; take three different samples");
  stretch_by(x, 1 / width);
  const double along = plane_dot(x, y);
  move_along(y, x, -along);
  const double height = std::sqrt(plane_dot(y, y));
  if (height <= 1e-6 * far)
    fail("the three inputs lie on one line, so there is no plane through them; take others");
  stretch_by(y, 1 / height);

  const double left = std::min(0.0, along), right = std::max(width, along);
  Plane plane;
  plane.side = std::max(right - left, height) / (1 - 2 * margin);
  const double from_x = (left + right - plane.side) / 2, from_y = (height - plane.side) / 2;
  plane.corner.assign(a.begin(), a.end());
  move_along(plane.corner, x, from_x);
  move_along(plane.corner, y, from_y);
  const auto place = [&](double at_x, double at_y) {
    return Place{(at_x - from_x) / plane.side, (at_y - from_y) / plane.side};
  };
  plane.samples = {place(0, 0), place(width, 0), place(along, height)};
  stretch_by(x, plane.side);
  stretch_by(y, plane.side);
  plane.x = std::move(x);
  plane.y = std::move(y);
  return plane;
}

PlanePieces pieces_on(const AffineNetwork& network, const Plane& plane, ThreadPool& threads,
                      std::size_t limit) {
  check_plane(plane, network.inputs());
  AffineInputs inputs{
      .cells = {Cell{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}, .terms = 3, .rows = rows_of(plane)};
  PlanePieces result;
  std::vector<FunctionPrint> prints;
  const AffineCount count =
      network.run(std::move(inputs), limit, threads, [&](const AffinePart& part) {
        result.polygons.push_back(part.cell);
        prints.push_back(print_of(part.outputs));
        add_answer_parts(part, result);
      });
  if (!count.complete) return {.complete = false};
  result.patterns = count.parts;
  result.pieces = count_merged(result.polygons, prints);
  result.after = parts_behind(network, count);
  return result;
}

PlaneGrid grid_on(const model::Model& model, const Plane& plane, std::size_t size,
                  ThreadPool& threads) {
  const graph::NodeId input = model.graph.find("input"), result = model.graph.result;
  const auto width = static_cast<std::size_t>(model.graph.node(input).type.shape.size());
  check_plane(plane, width);
  // A plan only reads the parameters.
  run::Plan plan(model.graph, model.layout, const_cast<float*>(model.parameters.data()), threads,
                 {.batch = static_cast<std::int64_t>(size), .keep = {result}});
  PlaneGrid grid{.size = size};
  const double step = 1 / static_cast<double>(size);
  for (std::size_t j = 0; j < size; ++j) {
    const double y = (static_cast<double>(j) + 0.5) * step;
    float* samples = plan.input(input);
    for (std::size_t i = 0; i < size; ++i) {
      const double x = (static_cast<double>(i) + 0.5) * step;
      for (std::size_t k = 0; k < width; ++k)
        samples[i * width + k] =
            static_cast<float>(plane.corner[k] + x * plane.x[k] + y * plane.y[k]);
    }
    plan.run({});
    const std::span<const float> outputs = plan.value(result);
    const std::size_t each = outputs.size() / size;
    for (std::size_t i = 0; i < size; ++i)
      grid.answers.push_back(answer_of(outputs.subspan(i * each, each)));
  }
  return grid;
}

}  // namespace rectify::diagnose
