#include "rectify/report/canvas.h"

#include <cairo-svg.h>

#include <algorithm>
#include <new>

#include "rectify/base/error.h"

namespace rectify::report {
namespace {

constexpr double pixels_per_unit = 2;

/// An exception must not pass through cairo's C frames, so it becomes an error status of cairo.
cairo_status_t append(void* closure, const unsigned char* data, unsigned int size) {
  try {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), size);
  } catch (...) {
    return CAIRO_STATUS_NO_MEMORY;
  }
  return CAIRO_STATUS_SUCCESS;
}

void check(cairo_status_t status) {
  if (status == CAIRO_STATUS_NO_MEMORY) throw std::bad_alloc();
  if (status != CAIRO_STATUS_SUCCESS)
    fail("the picture cannot be drawn: ", cairo_status_to_string(status));
}

cairo_surface_t* make_surface(PictureFormat format, double width, double height,
                              std::string* bytes) {
  if (format == PictureFormat::svg) {
    cairo_surface_t* svg = cairo_svg_surface_create_for_stream(append, bytes, width, height);
    cairo_svg_surface_set_document_unit(svg, CAIRO_SVG_UNIT_PX);
    return svg;
  }
  return cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width * pixels_per_unit),
                                    static_cast<int>(height * pixels_per_unit));
}

/// cairo numbers its surfaces over the life of the process. The same drawing must give the same
/// bytes, whatever was drawn before.
void forget_surface_number(std::string& svg) {
  constexpr std::string_view before = " id=\"surface";
  const std::size_t at = svg.find(before);
  if (at == std::string::npos) return;
  const std::size_t quote = svg.find('"', at + before.size());
  if (quote != std::string::npos) svg.erase(at, quote + 1 - at);
}

/// cairo writes six decimals; a hundredth of a unit is not seen, and the file is a third smaller.
std::string with_two_decimals(const std::string& svg) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string out;
  out.reserve(svg.size());
  for (std::size_t i = 0; i < svg.size(); ++i) {
    out += svg[i];
    if (svg[i] != '.' || i == 0 || !digit(svg[i - 1])) continue;
    std::size_t end = i + 1;
    while (end < svg.size() && digit(svg[end])) ++end;
    out.append(svg, i + 1, std::min<std::size_t>(2, end - i - 1));
    i = end - 1;
  }
  return out;
}

}  // namespace

Canvas::Canvas(PictureFormat format, double width, double height)
    : format_(format),
      surface_(make_surface(format, width, height, &bytes_), cairo_surface_destroy),
      cr_(cairo_create(surface_.get()), cairo_destroy) {
  check(cairo_status(cr()));
  if (format == PictureFormat::png) cairo_scale(cr(), pixels_per_unit, pixels_per_unit);
  colour({1, 1, 1});
  cairo_paint(cr());
}

std::string Canvas::finish() {
  check(cairo_status(cr()));
  if (format_ == PictureFormat::png)
    check(cairo_surface_write_to_png_stream(surface_.get(), append, &bytes_));
  cairo_surface_finish(surface_.get());  // an SVG is written now
  check(cairo_surface_status(surface_.get()));
  if (format_ == PictureFormat::png) return std::move(bytes_);
  forget_surface_number(bytes_);
  return with_two_decimals(bytes_);
}

void Canvas::font(double size, bool bold) {
  cairo_select_font_face(cr(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cr(), size);
}

double Canvas::text_width(const std::string& text, double size, bool bold) {
  font(size, bold);
  cairo_text_extents_t extents;
  cairo_text_extents(cr(), text.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::text(Point at, const std::string& text, double size, Colour c, Align align,
                  bool bold) {
  const double width = text_width(text, size, bold);
  colour(c);
  const double share = align == Align::left ? 0 : align == Align::centre ? 0.5 : 1;
  cairo_move_to(cr(), at.x - share * width, at.y);
  cairo_show_text(cr(), text.c_str());
}

void Canvas::line(Point from, Point to, double width) {
  cairo_set_line_width(cr(), width);
  cairo_move_to(cr(), from.x, from.y);
  cairo_line_to(cr(), to.x, to.y);
  cairo_stroke(cr());
}

}  // namespace rectify::report
