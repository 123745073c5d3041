#include "rectify/run/cpu/sparse/entries.h"

#include <algorithm>
#include <atomic>

#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

namespace {

/// Rows that a thread takes at once, in pairs: those of a transposed matrix are turned together.
constexpr std::int64_t rows_at_once = 32;

std::int64_t pairs_of(const Matrix& a) { return (a.rows + 1) / 2; }
std::int64_t parts_of(const Matrix& a) { return (a.rows + rows_at_once - 1) / rows_at_once; }

/// Where the lists of a matrix are in one piece of memory, in floats. The entries of a block lie
/// one after the other, in the order in which they are read, but for gaps between the parts that
/// threads take.
struct Layout {
  std::int64_t blocks;
  std::int64_t room;  ///< entries of a part in a block
  std::int64_t second, columns, ranges, any, all;

  explicit Layout(const Matrix& a)
      : blocks((a.columns + sparse_loops().depth - 1) / sparse_loops().depth),
        room(rows_at_once / 2 * sparse_loops().depth + 2 * sparse_loops().lanes),
        second(blocks * parts_of(a) * room),
        columns(2 * second),
        ranges(columns + second / 2),
        any(ranges + 2 * blocks * pairs_of(a)),
        all(any + (a.rows + 3) / 4) {}
  std::size_t floats() const { return static_cast<std::size_t>(all); }
};

/// Some rows of a matrix, turned where that is transposed.
struct Rows {
  std::int64_t first, count;
  const float* at;
  std::int64_t stride;

  const float* row(std::int64_t r) const { return r < count ? at + r * stride : nullptr; }
};

/// Calls work(part, rows) for all parts of the matrix.
template <class Work>
void for_parts(const Matrix& a, ThreadPool& threads, const Work& work) {
  threads.run(static_cast<std::size_t>(parts_of(a)), [&](std::size_t i) {
    const std::int64_t part = static_cast<std::int64_t>(i), first = part * rows_at_once;
    Rows rows{first, std::min(rows_at_once, a.rows - first), a.floats() + first * a.row, a.row};
    if (a.column != 1) {
      float* const turned =
          scratch_of_thread(ScratchUse::turned, static_cast<std::size_t>(rows_at_once * a.columns));
      loops().transpose(rows.at, a.column, turned, a.columns, a.columns, rows.count);
      rows.at = turned, rows.stride = a.columns;
    }
    work(part, rows);
  });
}

}  // namespace

EntryCount count_entries(const Matrix& a, float background, ThreadPool& threads) {
  std::atomic<std::int64_t> others = 0, entries = 0;
  for_parts(a, threads, [&](std::int64_t, const Rows& rows) {
    EntryCount all;
    for (std::int64_t r = 0; r < rows.count; r += 2) {
      const EntryCount found =
          sparse_loops().count(rows.row(r), rows.row(r + 1), a.columns, background);
      all.others += found.others;
      all.entries += found.entries;
    }
    others += all.others;
    entries += all.entries;
  });
  return {others, entries};
}

void announce_entries(const Matrix& a) {
  announce_scratch(ScratchUse::entries, Layout(a).floats());
  if (a.column != 1)
    announce_scratch(ScratchUse::turned, static_cast<std::size_t>(rows_at_once * a.columns));
}

Entries list_entries(const Matrix& a, float background, ThreadPool& threads) {
  const SparseLoops& sparse = sparse_loops();
  const Layout layout(a);
  float* const memory = scratch_of_thread(ScratchUse::entries, layout.floats());
  auto* const columns = reinterpret_cast<std::uint16_t*>(memory + layout.columns);
  auto* const ranges = reinterpret_cast<PairedRows::Range*>(memory + layout.ranges);
  auto* const any = reinterpret_cast<std::uint8_t*>(memory + layout.any);
  for_parts(a, threads, [&](std::int64_t part, const Rows& rows) {
    for (std::int64_t b = 0; b < layout.blocks; ++b) {
      const std::int64_t k = b * sparse.depth, n = std::min(sparse.depth, a.columns - k);
      std::int64_t at = (b * parts_of(a) + part) * layout.room;
      for (std::int64_t r = 0; r < rows.count; r += 2) {
        const float* const second = rows.row(r + 1);
        const std::int64_t begin = at;
        at += sparse.list(rows.row(r) + k, second ? second + k : nullptr, n, background,
                          columns + at, memory + at, memory + layout.second + at);
        ranges[b * pairs_of(a) + (rows.first + r) / 2] = {static_cast<std::uint32_t>(begin),
                                                          static_cast<std::uint32_t>(at)};
      }
    }
    for (std::int64_t r = 0; r < rows.count; ++r)
      any[rows.first + r] = sparse.count(rows.row(r), nullptr, a.columns, background).others > 0;
  });
  return {{columns, memory, memory + layout.second, ranges, background}, any};
}

}  // namespace rectify::run::cpu
