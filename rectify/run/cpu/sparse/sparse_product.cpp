#include "rectify/run/cpu/sparse/sparse_product.h"

#include <algorithm>
#include <atomic>

#include "rectify/run/cpu/scratch.h"
#include "rectify/run/cpu/sparse/entries.h"

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
/// Tiles begin with the first row of a window, which partners do not leave.
std::int64_t in_windows(std::int64_t rows) { return parts(rows, pairing_window) * pairing_window; }
std::int64_t rounded_up(std::int64_t n, std::int64_t step) { return parts(n, step) * step; }

}  // namespace

/// Rows of the result and panels of its columns.
struct SparseProduct::Tile {
  std::int64_t row, rows, panel, panels;
  float* packed = nullptr;  ///< a block of b, or all
  float* sums = nullptr;    ///< so far; one panel after the other
  float* c = nullptr;       ///< the result's first row of these, from its first column on
  std::int64_t stride = 0;
};

/// Of b: rows of the k-th block in the columns of a panel.
struct SparseProduct::Block {
  std::int64_t row, rows, column, columns;
  std::int64_t width;  ///< of a packed row: columns, and zeros up to whole lanes
};

SparseProduct::SparseProduct(Matrix a, Matrix b, Matrix c, ThreadPool& threads,
                             std::int64_t rows_a_group)
    : a_(a),
      b_(b),
      c_(c),
      threads_(threads),
      rows_a_group_(rows_a_group),
      panels_(parts(c.columns, sparse_loops().panel)),
      depth_(block_depth(a.columns, rows_a_group)),
      blocks_(parts(a.columns, depth_)) {
  const std::int64_t panel = sparse_loops().panel;
  if (c.data) {
    rows_a_tile_ = in_windows(even_part(c.rows, most_rows_a_tile));
    const std::int64_t most = std::max<std::int64_t>(1, tile_floats / (rows_a_tile_ * panel));
    const std::int64_t shared = parts(panels_, threads.threads());
    panels_a_tile_ = even_part(panels_, std::min(most, shared));
  } else {
    panels_a_tile_ = panels_;
    rows_a_tile_ = in_windows(
        even_part(c.rows, std::clamp<std::int64_t>(tile_floats / (panels_ * panel), 1, c.rows)));
  }
  const std::int64_t down = parts(c.rows, rows_a_tile_);
  packs_ = down > 2 ? 1 : down;
  if (c.data && down == 1) share_rows();
  packs_all_ = parts(c.rows, rows_a_tile_) > 2;
  announce_entries(a);
  announce_scratch(ScratchUse::tile, sums_floats());
  announce_scratch(packs_all_ ? ScratchUse::packed : ScratchUse::block, packed_floats());
  if (!c.data)
    announce_scratch(ScratchUse::passing, static_cast<std::size_t>(rows_a_tile_ * c.columns));
}

/// Where panels cannot be dealt out evenly, as seven to two threads, threads take rows instead,
/// although each packs all panels then.
void SparseProduct::share_rows() {
  const std::int64_t all = threads_.threads(), panel = sparse_loops().panel;
  const bool even = 5 * c_.columns >= 4 * all * std::min(c_.columns, panels_a_tile_ * panel);
  if (even || c_.rows < all * pairing_window) return;
  rows_a_tile_ = in_windows(parts(c_.rows, all));
  panels_a_tile_ = std::min(panels_, tile_floats / (rows_a_tile_ * panel));
}

std::size_t SparseProduct::sums_floats() const {
  return static_cast<std::size_t>(rows_a_tile_ * (by_panels() ? 1 : panels_a_tile_) *
                                  sparse_loops().panel);
}

std::size_t SparseProduct::packed_floats() const {
  return static_cast<std::size_t>(block_floats() * (packs_all_ ? panels_ * blocks_ : 1));
}

bool SparseProduct::pays(const EntryCount& count) const {
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  const double rows = number(a_.rows), depth = number(a_.columns), columns = number(c_.columns);
  const SparseCosts& costs = grouping().costs;
  const double sparse = number(count.entries) * columns * costs.entry +
                        rows * number(blocks_ * panels_) * costs.visit +
                        depth * columns * number(packs_) * costs.pack + rows * depth * costs.list +
                        rows * columns * costs.result;
  const double dense = a_.element == Element::bfloat16 ? bfloat16_work() : 1;
  return sparse < 0.97 * dense * rows * depth * columns;
}

SparseProduct::Block SparseProduct::block(std::int64_t k, std::int64_t panel) const {
  const SparseLoops& loops = sparse_loops();
  const std::int64_t row = k * depth_, column = panel * loops.panel;
  const std::int64_t columns = std::min(loops.panel, c_.columns - column);
  return {row, std::min(depth_, a_.columns - row), column, columns,
          rounded_up(columns, loops.lanes)};
}

Matrix SparseProduct::at(const Block& block) const {
  return b_.part(block.row, block.rows, block.column, block.columns);
}

bool SparseProduct::pack(const Block& block, float* to) const {
  const auto pack_by = [&]<class Number>(const PackLoops<Number>& loops) {
    const Number* const from = at(block).as<Number>();
    return b_.column == 1 ? loops.rows(from, b_.row, block.rows, block.columns, to)
                          : loops.columns(from, b_.column, block.rows, block.columns, to);
  };
  return b_.element == Element::bfloat16 ? pack_by(sparse_loops().pack_bfloat16)
                                         : pack_by(sparse_loops().pack);
}

/// Where a block is packed among all.
float* SparseProduct::place(float* packed, std::int64_t k, std::int64_t panel) const {
  return packed + (panel * blocks_ + k) * block_floats();
}

bool SparseProduct::pack_all(float* packed) const {
  std::atomic<bool> finite = true;
  threads_.run(static_cast<std::size_t>(blocks_ * panels_), [&](std::size_t i) {
    const std::int64_t k = static_cast<std::int64_t>(i) / panels_;
    const std::int64_t panel = static_cast<std::int64_t>(i) % panels_;
    if (!pack(block(k, panel), place(packed, k, panel))) finite = false;
  });
  return finite;
}

/// What a block will be read from: b, or where it is packed.
Ahead SparseProduct::ahead_of(const Tile& tile, std::int64_t k, std::int64_t panel) const {
  const Block block = this->block(k, panel);
  if (packs_all_) {
    const std::int64_t bytes = block.width * static_cast<std::int64_t>(sizeof(float));
    return {reinterpret_cast<const std::byte*>(place(tile.packed, k, panel)), bytes, block.rows,
            bytes};
  }
  const bool turned = b_.column != 1;
  const std::int64_t bytes = bytes_of(b_.element);
  return {at(block).data, (turned ? b_.column : b_.row) * bytes,
          turned ? block.columns : block.rows, (turned ? block.rows : block.columns) * bytes};
}

/// Adds to a tile's sums what the k-th block of a panel gives; the last block's go into the result.
bool SparseProduct::add(const GroupedRows& entries, const Tile& tile, std::int64_t k,
                        std::int64_t panel, const Ahead& ahead) const {
  const Block now = block(k, panel);
  float* const packed = packs_all_ ? place(tile.packed, k, panel) : tile.packed;
  const bool finite = packs_all_ || pack(now, packed);
  GroupedRows part = entries;
  part.groups += k * parts(a_.rows, rows_a_group_) + tile.row / rows_a_group_;
  part.order += tile.row;
  float* const passing =
      tile.sums + (by_panels() ? 0 : (panel - tile.panel) * tile.rows * sparse_loops().panel);
  Sums sums{k > 0 ? passing : nullptr, passing, now.width, now.width, false};
  if (k + 1 == blocks_) sums = {sums.from, tile.c + now.column, tile.stride, now.columns, true};
  sparse_loops().multiply(part, tile.rows, packed, now.rows, sums, ahead);
  return finite;
}

bool SparseProduct::compute(const GroupedRows& entries, const Tile& tile) const {
  bool finite = true;
  const std::int64_t steps = blocks_ * tile.panels;
  for (std::int64_t i = 0; i < steps; ++i) {
    const auto k_of = [&](std::int64_t n) { return by_panels() ? n % blocks_ : n / tile.panels; };
    const auto panel_of = [&](std::int64_t n) {
      return tile.panel + (by_panels() ? n / blocks_ : n % tile.panels);
    };
    Ahead ahead{};
    if (i + 1 < steps) ahead = ahead_of(tile, k_of(i + 1), panel_of(i + 1));
    finite &= add(entries, tile, k_of(i), panel_of(i), ahead);
  }
  return finite;
}

/// Calls the epilogue; of a result that is not kept, for zeros and others apart.
void SparseProduct::finish(const RowGroups& rows, const Tile& tile, Zeros zeros, Epilogue epilogue,
                           const void* context) const {
  const std::int64_t first = tile.panel * sparse_loops().panel;
  const std::int64_t columns = std::min(c_.columns - first, tile.panels * sparse_loops().panel);
  const bool keeps_rows = c_.data || rows.background != 0 || zeros == Zeros::among_others;
  const auto is_empty = [&](std::int64_t r) { return !keeps_rows && !rows.any[tile.row + r]; };
  for (std::int64_t r = 0, end = 0; r < tile.rows; r = end) {
    const bool empty = is_empty(r);
    for (end = r + 1; end < tile.rows && is_empty(end) == empty;) ++end;
    epilogue(context, {empty ? nullptr : tile.c + r * tile.stride + first, end - r, columns,
                       tile.stride, tile.row + r, first});
  }
}

bool SparseProduct::run(const RowGroups& rows, Epilogue epilogue, const void* context,
                        Zeros zeros) const {
  float* const all = packs_all_ ? scratch_of_thread(ScratchUse::packed, packed_floats()) : nullptr;
  if (packs_all_ && !pack_all(all)) return false;
  const GroupedRows entries = list_entries(a_, rows, threads_);
  const std::int64_t across = parts(panels_, panels_a_tile_), down = parts(c_.rows, rows_a_tile_);
  std::atomic<bool> finite = true;
  threads_.run(static_cast<std::size_t>(across * down), [&](std::size_t i) {
    const std::int64_t row = static_cast<std::int64_t>(i) / across * rows_a_tile_;
    const std::int64_t panel = static_cast<std::int64_t>(i) % across * panels_a_tile_;
    Tile tile{.row = row,
              .rows = std::min(rows_a_tile_, c_.rows - row),
              .panel = panel,
              .panels = std::min(panels_a_tile_, panels_ - panel),
              .packed = all ? all : scratch_of_thread(ScratchUse::block, packed_floats()),
              .sums = scratch_of_thread(ScratchUse::tile, sums_floats())};
    tile.stride = c_.data ? c_.row : c_.columns;
    tile.c = c_.data ? c_.floats() + row * c_.row
                     : scratch_of_thread(ScratchUse::passing,
                                         static_cast<std::size_t>(rows_a_tile_ * c_.columns));
    if (!compute(entries, tile)) finite = false;
    if (epilogue) finish(rows, tile, zeros, epilogue, context);
  });
  return finite;
}

}  // namespace rectify::run::cpu
