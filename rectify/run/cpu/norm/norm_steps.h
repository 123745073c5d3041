#pragma once

#include <algorithm>
#include <vector>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/norm/norm.h"

namespace rectify::run::cpu {

/// A value as rows of channels. Where there are few channels, several rows may count as one, so
/// that loops over a row have enough to do; the last may then be shorter.
struct ChannelRows {
  std::size_t size, channels, width;

  ChannelRows(std::size_t elements, std::size_t c, bool join)
      : size(elements), channels(c), width(join && c < least ? least / c * c : c) {}

  /// Elements of a channel.
  std::size_t count() const { return size / channels; }
  /// Writes value(c), one number a channel, for each column of a row.
  template <class Value>
  void spread(std::vector<float>& to, const Value& value) const {
    for (std::size_t c = 0; c < channels; ++c) to[c] = value(c);
    for (std::size_t i = channels; i < to.size(); ++i) to[i] = to[i - channels];
  }

 private:
  static constexpr std::size_t least = 128;
};

/// Two sums over the elements of each channel. The value is cut into tiles of rows and columns that
/// depend on its size alone; each tile has sums of its own, which are added in the order of the
/// tiles.
class ChannelSums {
 public:
  explicit ChannelSums(const ChannelRows& rows);

  /// Calls visit(first element, first row, rows, first column, columns, sums, sums) for parts of
  /// the value, which adds to the two sums of each column.
  template <class Visit>
  void run(ThreadPool& threads, const Visit& visit) {
    threads.run(row_tiles_ * column_tiles_, [&](std::size_t tile) {
      const std::size_t down = tile / column_tiles_, column = tile % column_tiles_ * a_tile_columns;
      const std::size_t columns = std::min(a_tile_columns, rows_.width - column);
      double* const first = parts_.data() + 2 * down * rows_.width + column;
      double* const second = first + rows_.width;
      std::fill_n(first, columns, 0.0);
      std::fill_n(second, columns, 0.0);
      const std::size_t whole = rows_.size / rows_.width, row = down * a_tile_rows_;
      if (row < whole)
        visit(row * rows_.width + column, row, std::min(a_tile_rows_, whole - row), column, columns,
              first, second);
      const std::size_t rest = rows_.size % rows_.width;
      if (rest > 0 && down + 1 == row_tiles_)
        visit(whole * rows_.width, whole, std::size_t{1}, std::size_t{0}, rest, first, second);
    });
    add_parts();
  }

  /// After run(): the two sums of a channel.
  double first(std::size_t channel) const { return totals_[channel]; }
  double second(std::size_t channel) const { return totals_[rows_.width + channel]; }

 private:
  static constexpr std::size_t a_tile_columns = 256;
  void add_parts();

  ChannelRows rows_;
  std::size_t a_tile_rows_, row_tiles_, column_tiles_;
  std::vector<double> parts_, totals_;
};

/// Two sums over the elements of each channel, sample by sample, for values that have many places:
/// which sample is done when, and with which others, changes nothing.
class SampleSums {
 public:
  /// Whether samples of that type have enough places.
  static bool fit(const Type& sample) {
    return sample.shape.size() >= least_places * sample.shape.back();
  }
  SampleSums(const Type& sample, std::int64_t batch);

  /// Calls visit(sample, first element, sums, other sums) for the samples that begin in
  /// [first, first + n); it writes the sums of each column of `rows()`.
  template <class Visit>
  void run(std::size_t first, std::size_t n, const Visit& visit) {
    thread_local std::vector<double> sums;  // keeps its room
    sums.resize(2 * rows_.width);
    for (std::size_t s = first / rows_.size; s < (first + n) / rows_.size; ++s) {
      visit(s * rows_.size, sums.data(), sums.data() + rows_.width);
      for (std::size_t half = 0; half < 2; ++half)
        for (std::size_t c = 0; c < rows_.channels; ++c) {
          double& total = parts_[(2 * s + half) * rows_.channels + c];
          total = 0;
          for (std::size_t i = c; i < rows_.width; i += rows_.channels)
            total += sums[half * rows_.width + i];
        }
    }
  }

  const ChannelRows& rows() const { return rows_; }  ///< of a sample
  std::size_t samples() const { return parts_.size() / (2 * rows_.channels); }
  double first(std::size_t sample, std::size_t c) const {
    return parts_[2 * sample * rows_.channels + c];
  }
  double second(std::size_t sample, std::size_t c) const {
    return parts_[(2 * sample + 1) * rows_.channels + c];
  }

 private:
  static constexpr std::int64_t least_places = 16;
  ChannelRows rows_;
  std::vector<double> parts_;
};

/// The channels of the i-th input.
std::size_t channels_of(const Lowering& lowering, std::size_t input);

/// Steps of a norm over the last axis: the value, and its gradient in x from (dy, x, scale).
Step normalise_rows(const Lowering& lowering, NormLoops::Forward loop);
Step gradient_of_rows(const Lowering& lowering, NormLoops::Gradient loop);
/// The sums of dy (where there is room for them) and of dy times what is normalised, from (dy, x).
Step sums_over_rows(const Lowering& lowering, NormLoops::Numbers numbers);

}  // namespace rectify::run::cpu
