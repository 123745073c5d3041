#pragma once

#include <array>

#include "rectify/diagnose/regions/segment.h"
#include "rectify/model/model.h"

namespace rectify::diagnose {

/// The plane through three inputs, as a square around them. Its places go from 0 to 1 along both
/// axes.
struct Plane {
  std::vector<double> corner, x, y;  ///< the input at (0, 0), and what is added along each axis
  std::array<Place, 3> samples;      ///< where the three inputs are
  double side = 0;                   ///< length of the square's side, in units of scaled inputs
};

/// The smallest square around three inputs that has a border of `margin` of its side all around;
/// the first two are on a horizontal line. Throws Error where two are equal or all are on one line.
Plane plane_through(std::span<const float> a, std::span<const float> b, std::span<const float> c,
                    double margin = 0.15);

/// A polygon, and the output that is largest on it.
struct AnswerPart {
  Cell cell;
  std::size_t largest;
};

/// A line from one place to another.
struct Border {
  Place from, to;
};

/// A network on a plane: polygons that fill the square.
struct PlanePieces {
  /// Polygons on each of which every unit stays on one of its pieces.
  std::size_t patterns = 0;
  /// Parts of the square on which the output is one affine function: neighbouring polygons with the
  /// same function count as one.
  std::size_t pieces = 0;
  bool complete = true;             ///< false: more patterns than the limit; then nothing is known
  std::vector<Cell> polygons;       ///< one for each pattern
  std::vector<AnswerPart> answers;  ///< the polygons, cut along the borders of decisions
  std::vector<Border> borders;      ///< of decisions, where two outputs are equally large
  std::vector<PartsBehind> after;
};

inline constexpr std::size_t most_plane_parts = 20'000;

/// Cuts the square into the network's pieces, `limit` patterns at most. In a network of one output,
/// the answer is 1 where that is positive, and 0 elsewhere. Throws Error for a plane of other
/// inputs.
PlanePieces pieces_on(const AffineNetwork& network, const Plane& plane, ThreadPool& threads,
                      std::size_t limit = most_plane_parts);

/// The largest output at size x size places of a plane, row by row from y = 0; place (i, j) is the
/// middle of its cell of the grid. For networks with too many pieces to draw each, and for those
/// that have none.
struct PlaneGrid {
  std::size_t size = 0;
  std::vector<std::size_t> answers = {};  ///< as in PlanePieces
};

/// Computed in float32, as the program runs the network. Throws Error for a plane of other inputs.
PlaneGrid grid_on(const model::Model& model, const Plane& plane, std::size_t size,
                  ThreadPool& threads);

}  // namespace rectify::diagnose
