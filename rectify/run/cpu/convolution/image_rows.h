#pragma once

#include <cstddef>
#include <cstdint>

#include "rectify/run/cpu/convolution/convolution.h"

namespace rectify::run::cpu {

/// How a convolution is a sum of products of rows of its images (RowConvolution). Some places side
/// by side, whose results lie side by side too, form a group, so that vectors are full although a
/// place has few units: a group is a row of the left factor, the floats of the image below it, and
/// the weight stands in the right factor once for each of the group's places, moved by their
/// distance, with zeros elsewhere. From one group to the next the image moves on by `step` floats;
/// what a group covers of a row of the image is cut into pieces of that length, for which the rows
/// of a factor do not overlap, and each piece in each row of the window is a term.
struct ImageRows {
  std::int64_t places;  ///< of a group
  std::int64_t groups;  ///< of a row of results
  std::int64_t lanes;   ///< numbers of a group's results
  std::int64_t step;    ///< floats of an image from group to group
  std::int64_t pieces;  ///< that a group covers of a row of the image
  std::int64_t depth;   ///< floats of a piece
  std::int64_t pitch;   ///< floats of a row of an image with its padding
  std::int64_t height;  ///< rows of such an image

  /// Of a convolution whose group has so many places, a divisor of those in a row.
  ImageRows(const ConvolutionSize& size, std::int64_t places);

  /// Multiply-adds of vectors for a row of results and a row of the window.
  std::int64_t vectors_multiplied(std::int64_t lanes_of_vector) const;
  std::int64_t image_floats() const { return height * pitch; }
  /// Floats of the right factor, which has depth x lanes for each piece of each row of the window.
  std::int64_t weight_floats(const ConvolutionSize& size) const {
    return size.window.y.size * pieces * depth * lanes;
  }
};

/// The groups that need the fewest multiply-adds in the set in force.
ImageRows image_rows_of(const ConvolutionSize& size);

/// Calls each(place of the right factor, weight's place) for all weights of a group, of which each
/// occurs once for each of the group's places.
template <class Each>
void for_weights(const ConvolutionSize& s, const ImageRows& rows, const Each& each) {
  const std::int64_t taps = s.window.x.size, stride = s.window.x.stride;
  for (std::int64_t y = 0; y < s.window.y.size; ++y)
    for (std::int64_t place = 0; place < rows.places; ++place)
      for (std::int64_t x = 0; x < taps; ++x)
        for (std::int64_t c = 0; c < s.channels; ++c) {
          const std::int64_t row = (x + place * stride) * s.channels + c;
          const std::int64_t at = (y * rows.pieces * rows.depth + row) * rows.lanes;
          const std::int64_t weight = ((y * taps + x) * s.channels + c) * s.units;
          for (std::int64_t u = 0; u < s.units; ++u) each(at + place * s.units + u, weight + u);
        }
}

/// Puts an image into one with its padding, whose rows have `pitch` floats; the zeros around it are
/// there already.
void copy_inside(const ConvolutionSize& size, const float* image, std::int64_t pitch, float* to);

}  // namespace rectify::run::cpu
