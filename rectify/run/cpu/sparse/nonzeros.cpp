#include "rectify/run/cpu/sparse/nonzeros.h"

#include <algorithm>
#include <atomic>

#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

namespace {

/// Rows that a thread lists at once: those of a transposed matrix are turned together.
constexpr std::int64_t rows_at_once = 32;

/// Where the lists of a matrix are in one piece of memory.
struct ListLayout {
  std::int64_t blocks, room;  ///< of a row: blocks of columns, and nonzeros that there is room for

  explicit ListLayout(const Matrix& a)
      : blocks((a.columns + sparse_loops().depth - 1) / sparse_loops().depth),
        room((a.columns + 2 * sparse_loops().lanes) & ~std::int64_t{1}) {}

  std::int64_t starts(const Matrix& a) const { return a.rows * room * 3 / 2; }
  std::size_t floats(const Matrix& a) const {
    return static_cast<std::size_t>(starts(a) + a.rows * (blocks + 1));
  }
};

/// Calls work(first, count, thread) for parts of the matrix's rows.
template <class Work>
void for_listed_rows(const Matrix& a, ThreadPool& threads, const Work& work) {
  const std::int64_t parts = (a.rows + rows_at_once - 1) / rows_at_once;
  threads.run(static_cast<std::size_t>(parts), [&](std::size_t part) {
    const std::int64_t first = static_cast<std::int64_t>(part) * rows_at_once;
    work(first, std::min(rows_at_once, a.rows - first));
  });
}

}  // namespace

std::int64_t count_nonzeros(const Matrix& a, ThreadPool& threads) {
  const Matrix stored = a.column == 1 ? a : a.transposed();
  std::atomic<std::int64_t> all = 0;
  for_listed_rows(stored, threads, [&](std::int64_t first, std::int64_t rows) {
    std::int64_t found = 0;
    for (std::int64_t r = first; r < first + rows; ++r)
      found += sparse_loops().count(stored.floats() + r * stored.row, stored.columns);
    all += found;
  });
  return all;
}

void announce_nonzeros(const Matrix& a) {
  announce_scratch(ScratchUse::nonzeros, ListLayout(a).floats(a));
  if (a.column != 1)
    announce_scratch(ScratchUse::turned, static_cast<std::size_t>(rows_at_once * a.columns));
}

NonzeroRows list_nonzeros(const Matrix& a, ThreadPool& threads) {
  const SparseLoops& sparse = sparse_loops();
  const ListLayout layout(a);
  float* const values = scratch_of_thread(ScratchUse::nonzeros, layout.floats(a));
  auto* const columns = reinterpret_cast<std::uint16_t*>(values + a.rows * layout.room);
  auto* const starts = reinterpret_cast<std::uint32_t*>(values + layout.starts(a));
  for_listed_rows(a, threads, [&](std::int64_t first, std::int64_t rows) {
    const float* x = a.floats() + first * a.row;
    std::int64_t stride = a.row;
    if (a.column != 1) {
      float* const turned =
          scratch_of_thread(ScratchUse::turned, static_cast<std::size_t>(rows_at_once * a.columns));
      loops().transpose(x, a.column, turned, a.columns, a.columns, rows);
      x = turned, stride = a.columns;
    }
    for (std::int64_t r = first; r < first + rows; ++r, x += stride) {
      std::int64_t at = r * layout.room;
      std::uint32_t* start = starts + r * (layout.blocks + 1);
      for (std::int64_t k = 0; k < a.columns; k += sparse.depth) {
        *start++ = static_cast<std::uint32_t>(at);
        at += sparse.list(x + k, std::min(sparse.depth, a.columns - k), values + at, columns + at);
      }
      *start = static_cast<std::uint32_t>(at);
    }
  });
  return {values, columns, starts, layout.blocks + 1};
}

}  // namespace rectify::run::cpu
