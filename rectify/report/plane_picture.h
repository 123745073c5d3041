#pragma once

#include <array>
#include <string>
#include <vector>

#include "rectify/diagnose/regions/plane.h"
#include "rectify/report/plot.h"

namespace rectify::report {

/// A network on the plane through three samples, as it is drawn.
struct PlanePicture {
  diagnose::Plane plane;
  diagnose::PlanePieces pieces;
  std::size_t limit = 0;               ///< pieces that were looked for, at most
  diagnose::PlaneGrid grid;            ///< drawn where `pieces` is not complete
  std::vector<std::string> answers;    ///< names of what can be the largest output
  std::array<std::string, 3> samples;  ///< names of the three samples
};

/// Each piece as a polygon in its answer's colour, with the borders of the pieces as thin lines and
/// those of the decisions as thick ones; the three samples as dots; a legend of the answers that
/// occur, the largest area first. Where pieces are not complete, the grid is drawn: its borders are
/// as coarse as it is. Returns the bytes of the file. Throws Error when it cannot be drawn.
std::string draw_plane(const PlanePicture& picture, PictureFormat format);

}  // namespace rectify::report
