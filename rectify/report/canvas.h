#pragma once

#include <cairo.h>

#include <memory>
#include <string>

#include "rectify/report/plot.h"

namespace rectify::report {

struct Colour {
  double red, green, blue;
};

enum class Align { left, centre, right };

/// A picture while it is drawn: the surface of one format, the drawing, and finally the bytes.
class Canvas {
 public:
  /// A white canvas of width x height units.
  Canvas(PictureFormat format, double width, double height);

  /// Ends the drawing and returns the bytes of the file. Throws Error if anything could not be
  /// drawn.
  std::string finish();

  void text(Point at, const std::string& text, double size, Colour colour,
            Align align = Align::left, bool bold = false);
  double text_width(const std::string& text, double size, bool bold = false);
  void colour(Colour c) { cairo_set_source_rgb(cr(), c.red, c.green, c.blue); }
  void line(Point from, Point to, double width);
  cairo_t* cr() { return cr_.get(); }

 private:
  void font(double size, bool bold);

  PictureFormat format_;
  std::string bytes_;
  std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface_;
  std::unique_ptr<cairo_t, decltype(&cairo_destroy)> cr_;
};

}  // namespace rectify::report
