#include "rectify/run/cpu/sparse/sparse_product.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "rectify/run/cpu/scratch.h"
#include "rectify/run/cpu/sparse/nonzeros.h"

namespace rectify::run::cpu {

namespace {

/// Floats of a tile's sums: half a million bytes, which the second cache holds beside what passes.
constexpr std::int64_t tile_floats = 1 << 17;
constexpr std::int64_t most_rows_a_tile = 256;

std::int64_t parts(std::int64_t extent, std::int64_t part) { return (extent + part - 1) / part; }
/// `extent` in as equal parts as there are for parts of at most `most`.
std::int64_t even_part(std::int64_t extent, std::int64_t most) {
  return parts(extent, parts(extent, most));
}
std::int64_t rounded_up(std::int64_t n, std::int64_t step) { return parts(n, step) * step; }

/// What one step of each kind costs, in units of a multiply-add of a dense product: measured by
/// `bench_sparse --fit`.
struct Costs {
  double nonzero;  ///< times a column
  double visit;    ///< of a row's sums in a block: loading and storing them
  double pack;     ///< of a number of b
  double list;     ///< of a number of a
};

}  // namespace

/// Rows of the result and panels of its columns.
struct SparseProduct::Tile {
  std::int64_t row, rows, panel, panels;
  float* sums;    ///< one panel after the other
  float* passes;  ///< where the result is not kept: its rows
};

SparseProduct::SparseProduct(Matrix a, Matrix b, Matrix c, ThreadPool& threads)
    : a_(a), b_(b), c_(c), threads_(threads) {
  const std::int64_t panel = sparse_loops().panel, panels = parts(c.columns, panel);
  if (c.data) {
    rows_a_tile_ = even_part(c.rows, most_rows_a_tile);
    const std::int64_t most = std::max<std::int64_t>(1, tile_floats / (rows_a_tile_ * panel));
    const std::int64_t shared = parts(panels, threads.threads());
    panels_a_tile_ = even_part(panels, std::min(most, shared));
  } else {
    panels_a_tile_ = panels;
    rows_a_tile_ =
        even_part(c.rows, std::clamp<std::int64_t>(tile_floats / (panels * panel), 1, c.rows));
  }
  announce_nonzeros(a);
  const std::int64_t columns = std::min(panels_a_tile_ * panel, rounded_up(c.columns, panel));
  announce_scratch(ScratchUse::tile, static_cast<std::size_t>(rows_a_tile_ * columns));
  announce_scratch(ScratchUse::block, static_cast<std::size_t>(panel * sparse_loops().depth));
  if (!c.data)
    announce_scratch(ScratchUse::passing, static_cast<std::size_t>(rows_a_tile_ * c.columns));
}

bool SparseProduct::pays(std::int64_t nonzeros) const {
  constexpr Costs costs{1.6, 640, 15, 4};
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  const double rows = number(a_.rows), depth = number(a_.columns), columns = number(c_.columns);
  const SparseLoops& loops = sparse_loops();
  const double visits =
      rows * number(parts(a_.columns, loops.depth)) * number(parts(c_.columns, loops.panel));
  const double packed = depth * columns * number(parts(a_.rows, rows_a_tile_));
  const double sparse = number(nonzeros) * columns * costs.nonzero + visits * costs.visit +
                        packed * costs.pack + rows * depth * costs.list;
  return sparse < 0.97 * rows * depth * columns;
}

bool SparseProduct::compute(const NonzeroRows& lists, const Tile& tile) const {
  const SparseLoops& loops = sparse_loops();
  float* const block =
      scratch_of_thread(ScratchUse::block, static_cast<std::size_t>(loops.panel * loops.depth));
  const std::int64_t blocks = parts(a_.columns, loops.depth);
  const bool turned = b_.column != 1;
  const auto pack = turned ? loops.pack_transposed : loops.pack;
  bool finite = true;
  const auto add = [&](std::int64_t k, std::int64_t p) {
    const std::int64_t column = (tile.panel + p) * loops.panel;
    const std::int64_t columns = std::min(loops.panel, c_.columns - column);
    const std::int64_t depth = std::min(loops.depth, a_.columns - k * loops.depth);
    finite &= pack(b_.floats() + k * loops.depth * b_.row + column * b_.column,
                   turned ? b_.column : b_.row, depth, columns, block);
    const NonzeroRows part{lists.values, lists.columns, lists.starts + tile.row * lists.row + k,
                           lists.row};
    loops.multiply(part, tile.rows, block, tile.sums + p * tile.rows * loops.panel,
                   rounded_up(columns, loops.lanes), k > 0);
  };
  // In the order in which b lies in memory.
  if (turned)
    for (std::int64_t p = 0; p < tile.panels; ++p)
      for (std::int64_t k = 0; k < blocks; ++k) add(k, p);
  else
    for (std::int64_t k = 0; k < blocks; ++k)
      for (std::int64_t p = 0; p < tile.panels; ++p) add(k, p);
  return finite;
}

void SparseProduct::finish(const NonzeroRows& lists, const Tile& tile, Epilogue epilogue,
                           const void* context) const {
  const std::int64_t panel = sparse_loops().panel, first = tile.panel * panel;
  const std::int64_t columns = std::min(c_.columns - first, tile.panels * panel);
  const auto empty = [&](std::int64_t r) {
    const std::uint32_t* starts = lists.starts + (tile.row + r) * lists.row;
    return !c_.data && starts[0] == starts[lists.row - 1];
  };
  for (std::int64_t r = 0, end = 0; r < tile.rows; r = end) {
    const bool zeros = empty(r);
    for (end = r; end < tile.rows && empty(end) == zeros; ++end) {
      if (zeros) continue;
      float* const to =
          c_.data ? c_.floats() + (tile.row + end) * c_.row + first : tile.passes + end * columns;
      for (std::int64_t p = 0; p < tile.panels; ++p) {
        const std::int64_t wide = std::min(panel, columns - p * panel);
        const std::int64_t width = rounded_up(wide, sparse_loops().lanes);
        std::memcpy(to + p * panel, tile.sums + p * tile.rows * panel + end * width,
                    static_cast<std::size_t>(wide) * sizeof(float));
      }
    }
    float* const c =
        c_.data ? c_.floats() + (tile.row + r) * c_.row + first : tile.passes + r * columns;
    if (epilogue)
      epilogue(context, {zeros ? nullptr : c, end - r, columns, c_.data ? c_.row : columns,
                         tile.row + r, first});
  }
}

bool SparseProduct::run(Epilogue epilogue, const void* context) const {
  const NonzeroRows lists = list_nonzeros(a_, threads_);
  const std::int64_t panel = sparse_loops().panel, panels = parts(c_.columns, panel);
  const std::int64_t across = parts(panels, panels_a_tile_), down = parts(c_.rows, rows_a_tile_);
  std::atomic<bool> finite = true;
  threads_.run(static_cast<std::size_t>(across * down), [&](std::size_t i) {
    const std::int64_t row = static_cast<std::int64_t>(i) / across * rows_a_tile_;
    const std::int64_t at = static_cast<std::int64_t>(i) % across * panels_a_tile_;
    Tile tile{row,     std::min(rows_a_tile_, c_.rows - row),
              at,      std::min(panels_a_tile_, panels - at),
              nullptr, nullptr};
    tile.sums = scratch_of_thread(ScratchUse::tile,
                                  static_cast<std::size_t>(tile.rows * tile.panels * panel));
    if (!c_.data)
      tile.passes =
          scratch_of_thread(ScratchUse::passing, static_cast<std::size_t>(tile.rows * c_.columns));
    if (!compute(lists, tile)) finite = false;
    finish(lists, tile, epilogue, context);
  });
  return finite;
}

}  // namespace rectify::run::cpu
