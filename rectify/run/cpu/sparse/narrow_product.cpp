#include "rectify/run/cpu/sparse/narrow_product.h"

#include <algorithm>
#include <cmath>

#include "rectify/run/cpu/scratch.h"
#include "rectify/run/cpu/sparse/loops.h"

namespace rectify::run::cpu {

namespace {

/// Rows whose numbers are listed, before the weights are read for all of them.
constexpr std::int64_t listed_together = 32;
/// Rows of the weights whose panel stays in the second cache from one row of x to the next.
constexpr std::int64_t weights_a_stretch = 1024;

std::int64_t parts_for(std::int64_t extent, std::int64_t part) {
  return (extent + part - 1) / part;
}

/// Floats for the entries of a row in a stretch, or of two: what list() may write.
std::int64_t room_of_list() {
  return weights_a_stretch + std::max(sparse_loops().lanes, narrow_ahead);
}
/// Of a row the numbers, and their places in half as many; of a pair twice that, at once.
std::int64_t floats_of_list() { return 2 * room_of_list(); }

std::size_t floats_of_lists(std::int64_t rows, std::int64_t in) {
  return static_cast<std::size_t>(std::min(rows, listed_together) *
                                  parts_for(in, weights_a_stretch) * floats_of_list());
}

/// Tiles of about 512 columns, in pairs so that two threads have the same to do; one for little
/// work.
std::int64_t tiles_for(std::int64_t rows, const NarrowWeights& w) {
  constexpr std::int64_t columns_a_tile = 512, least_work_to_share = 1 << 16;
  if (rows * w.in() * w.out() < least_work_to_share) return 1;
  const std::int64_t tiles = parts_for(w.out(), columns_a_tile);
  return std::min(w.panels(), tiles + tiles % 2);
}

}  // namespace

NarrowWeights::NarrowWeights(const Matrix& w, WeightPrecision precision, ThreadPool& threads)
    : in_(w.rows), out_(w.columns), precision_(precision) {
  const bool int8 = precision == WeightPrecision::int8;
  const auto bytes = static_cast<std::size_t>(
      in_ * ((panels() - 1) * narrow_loops().panel + width(panels() - 1)) * (int8 ? 1 : 2));
  packed_ = Buffer((bytes + sizeof(float) - 1) / sizeof(float));
  if (int8) scales_ = Buffer(static_cast<std::size_t>(out_));
  threads.run(static_cast<std::size_t>(panels()), [&](std::size_t i) {
    const auto panel = static_cast<std::int64_t>(i);
    int8 ? pack_int8(w.floats(), panel) : pack_bfloat16(w.floats(), panel);
  });
}

std::int64_t NarrowWeights::panels() const { return parts_for(out_, narrow_loops().panel); }

std::int64_t NarrowWeights::columns(std::int64_t panel) const {
  return std::min(narrow_loops().panel, out_ - panel * narrow_loops().panel);
}

std::int64_t NarrowWeights::width(std::int64_t panel) const {
  return parts_for(columns(panel), narrow_loops().lanes) * narrow_loops().lanes;
}

template <class Weight>
Weight* NarrowWeights::at(std::int64_t panel, std::int64_t k) const {
  auto* const all = reinterpret_cast<Weight*>(const_cast<float*>(packed_.data()));
  return all + panel * narrow_loops().panel * in_ + k * width(panel);
}

void NarrowWeights::pack_bfloat16(const float* w, std::int64_t panel) {
  w += panel * narrow_loops().panel;
  for (std::int64_t k = 0; k < in_; ++k, w += out_)
    std::transform(w, w + columns(panel), at<bfloat16>(panel, k), to_bfloat16);
}

// A product with 0 is NaN where a number is not finite, and so is then the scale.
void NarrowWeights::pack_int8(const float* w, std::int64_t panel) {
  constexpr float most = 127;
  const std::int64_t first = panel * narrow_loops().panel, n = columns(panel);
  float* const scale = scales_.data() + first;
  std::vector<float> largest(static_cast<std::size_t>(n));
  for (std::int64_t k = 0; k < in_; ++k)
    for (std::int64_t j = 0; j < n; ++j) {
      const float v = w[k * out_ + first + j];
      largest[j] = std::max(largest[j], std::abs(v));
      scale[j] += v * 0.0f;
    }
  for (std::int64_t j = 0; j < n; ++j) scale[j] += largest[j] / most;
  for (std::int64_t k = 0; k < in_; ++k) {
    auto* const row = at<std::int8_t>(panel, k);
    for (std::int64_t j = 0; j < n; ++j) {
      const float steps = std::nearbyint(w[k * out_ + first + j] / scale[j]);
      row[j] = scale[j] > 0 ? static_cast<std::int8_t>(std::clamp(steps, -most, most)) : 0;
    }
  }
}

void NarrowWeights::add(const NarrowEntries& entries, std::int64_t panel, std::int64_t k, float* y,
                        float* z) const {
  if (precision_ == WeightPrecision::int8)
    narrow_loops().add_int8(entries, at<std::int8_t>(panel, k), columns(panel), y, z);
  else
    narrow_loops().add_bfloat16(entries, at<bfloat16>(panel, k), columns(panel), y, z);
}

void NarrowWeights::scale(const Matrix& y, std::int64_t panel) const {
  if (precision_ != WeightPrecision::int8) return;
  const float* const scale = scales_.data() + panel * narrow_loops().panel;
  for (std::int64_t r = 0; r < y.rows; ++r) {
    float* const row = y.floats() + r * y.row;
    for (std::int64_t j = 0; j < y.columns; ++j) row[j] *= scale[j];
  }
}

NarrowProduct::NarrowProduct(Matrix x, const Matrix& w, Matrix y, WeightPrecision precision,
                             ThreadPool& threads)
    : x_(x),
      y_(y),
      threads_(threads),
      weights_(w, precision, threads),
      tiles_(tiles_for(x.rows, weights_)),
      stretches_(static_cast<std::size_t>(parts_for(x.columns, weights_a_stretch))) {
  for (Stretch& stretch : stretches_)
    stretch.groups.resize(static_cast<std::size_t>(std::min(x.rows, listed_together)));
  announce_scratch(ScratchUse::entries, floats_of_lists(x.rows, x.columns));
}

/// Lists the rows in x's columns from k on: two of them together where most numbers are not 0,
/// since a weight that is widened then serves both; for one of the two, that takes four
/// instructions a vector in place of six.
std::int64_t NarrowProduct::list_stretch(const Matrix& x, std::int64_t k, Stretch& into,
                                         float* memory) const {
  const std::int64_t n = std::min(weights_a_stretch, x.columns - k);
  const auto list = [&](std::int64_t r, bool two, float* to) {
    const float* const row = x.floats() + r * x.row + k;
    float* const second = two ? to + room_of_list() : nullptr;
    auto* const places = reinterpret_cast<std::uint16_t*>(to + (two ? 2 : 1) * room_of_list());
    const std::int64_t count =
        sparse_loops().list(row, two ? row + x.row : nullptr, n, 0, places, to, second);
    std::fill_n(places + count, narrow_ahead, count > 0 ? places[count - 1] : 0);
    return Group{{places, to, second, count}, r};
  };
  std::int64_t nonzeros = 0;
  into.count = 0;
  for (std::int64_t r = 0; r < x.rows; r += 2, memory += 2 * floats_of_list()) {
    const bool two = r + 1 < x.rows;
    const Group first = list(r, false, memory);
    const Group second = two ? list(r + 1, false, memory + floats_of_list()) : Group{};
    const std::int64_t found = first.entries.count + second.entries.count;
    nonzeros += found;
    if (3 * found > 4 * n) {
      into.groups[into.count++] = list(r, true, memory);
    } else {
      into.groups[into.count++] = first;
      if (two) into.groups[into.count++] = second;
    }
  }
  return nonzeros;
}

std::int64_t NarrowProduct::list(std::int64_t first_row, std::int64_t rows) {
  float* memory = scratch_of_thread(ScratchUse::entries, floats_of_lists(x_.rows, x_.columns));
  const Matrix x = x_.part(first_row, rows, 0, x_.columns);
  std::int64_t nonzeros = 0;
  for (std::size_t i = 0; i < stretches_.size(); ++i, memory += rows * floats_of_list())
    nonzeros +=
        list_stretch(x, static_cast<std::int64_t>(i) * weights_a_stretch, stretches_[i], memory);
  return nonzeros;
}

void NarrowProduct::compute(std::int64_t panel, const Matrix& y) const {
  const auto row = [&](std::int64_t r) { return y.floats() + r * y.row; };
  for (std::int64_t r = 0; r < y.rows; ++r) std::fill_n(row(r), y.columns, 0.0f);
  std::int64_t k = 0;
  for (const Stretch& stretch : stretches_) {
    for (std::size_t i = 0; i < stretch.count; ++i) {
      const Group& group = stretch.groups[i];
      weights_.add(group.entries, panel, k, row(group.row),
                   group.entries.second ? row(group.row + 1) : nullptr);
    }
    k += weights_a_stretch;
  }
  weights_.scale(y, panel);
}

std::int64_t NarrowProduct::run(Epilogue epilogue, const void* context) {
  std::int64_t nonzeros = 0;
  for (std::int64_t r = 0; r < x_.rows; r += listed_together) {
    const std::int64_t rows = std::min(listed_together, x_.rows - r);
    nonzeros += list(r, rows);
    threads_.run(static_cast<std::size_t>(tiles_), [&](std::size_t i) {
      const auto tile = static_cast<std::int64_t>(i);
      const std::int64_t begin = tile * weights_.panels() / tiles_;
      const std::int64_t end = (tile + 1) * weights_.panels() / tiles_;
      const std::int64_t first = begin * narrow_loops().panel;
      std::int64_t column = first;
      for (std::int64_t panel = begin; panel < end; column += weights_.columns(panel++))
        compute(panel, y_.part(r, rows, column, weights_.columns(panel)));
      float* const y = y_.floats() + r * y_.row + first;
      if (epilogue) epilogue(context, {y, rows, column - first, y_.row, r, first});
    });
  }
  return nonzeros;
}

}  // namespace rectify::run::cpu
