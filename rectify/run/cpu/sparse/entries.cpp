#include "rectify/run/cpu/sparse/entries.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

namespace {

/// Rows that a thread takes at once: those of a transposed matrix are turned together.
constexpr std::int64_t rows_at_once = pairing_window;
/// Marks of a window.
std::int64_t words_of(std::int64_t columns) { return (columns + 63) / 64; }
std::size_t marks_floats(std::int64_t columns) {
  return static_cast<std::size_t>(2 * rows_at_once * words_of(columns));
}
/// The order of rows and which of them have entries, a byte each.
std::size_t pairs_floats(const Matrix& a) { return static_cast<std::size_t>((a.rows + 1) / 2); }

std::int64_t groups_of(const Matrix& a, std::int64_t rows_a_group) {
  return (a.rows + rows_a_group - 1) / rows_a_group;
}
std::int64_t parts_of(const Matrix& a) { return (a.rows + rows_at_once - 1) / rows_at_once; }

/// Where the lists of a matrix are in one piece of memory, in floats. The entries of a block lie
/// one after the other, in the order in which they are read, but for gaps between the parts that
/// threads take.
struct Layout {
  std::int64_t depth, blocks;
  std::int64_t room;  ///< entries of a part in a block
  std::int64_t second, columns, ranges, all;

  Layout(const Matrix& a, std::int64_t rows_a_group)
      : depth(sparse_loops().grouping(rows_a_group).depth),
        blocks((a.columns + depth - 1) / depth),
        room(rows_at_once / rows_a_group * depth + 2 * sparse_loops().lanes),
        second(blocks * parts_of(a) * room),
        columns(rows_a_group * second),
        ranges(columns + second / 2),
        all(ranges + 2 * blocks * groups_of(a, rows_a_group)) {}
  std::size_t floats() const { return static_cast<std::size_t>(all); }
};

/// Some rows of a matrix, turned where that is transposed.
struct Rows {
  std::int64_t first, count;
  const float* at;
  std::int64_t stride;

  const float* row(std::int64_t r) const { return at + r * stride; }
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

/// Counts the numbers of a window's rows and, where they are taken in pairs, chooses these.
EntryCount group_window(const Rows& rows, std::int64_t columns, float background,
                        std::int64_t rows_a_group, std::uint8_t* order, std::uint8_t* any) {
  const std::int64_t words = words_of(columns);
  auto* const bits =
      reinterpret_cast<std::uint64_t*>(scratch_of_thread(ScratchUse::marks, marks_floats(columns)));
  std::int64_t marked[rows_at_once];
  EntryCount count;
  for (std::int64_t r = 0; r < rows.count; ++r) {
    marked[r] = sparse_loops().mark(rows.row(r), columns, background, bits + r * words);
    any[r] = marked[r] > 0;
    count.others += marked[r];
  }
  if (rows_a_group == 2) {
    count.entries = sparse_loops().pair(bits, words, marked, rows.count, order);
  } else {
    std::iota(order, order + rows.count, std::uint8_t{0});
    count.entries = count.others;
  }
  return count;
}

}  // namespace

std::int64_t rows_a_group() { return loads_as_it_multiplies() ? 1 : 2; }

RowGroups group_rows(const Matrix& a, float background, ThreadPool& threads,
                     std::int64_t rows_a_group) {
  auto* const order =
      reinterpret_cast<std::uint8_t*>(scratch_of_thread(ScratchUse::pairs, pairs_floats(a)));
  std::uint8_t* const any = order + a.rows;
  std::atomic<std::int64_t> others = 0, entries = 0;
  for_parts(a, threads, [&](std::int64_t, const Rows& rows) {
    const EntryCount found = group_window(rows, a.columns, background, rows_a_group,
                                          order + rows.first, any + rows.first);
    others += found.others;
    entries += found.entries;
  });
  return {{others, entries}, order, any, background, rows_a_group};
}

void announce_entries(const Matrix& a) {
  announce_scratch(ScratchUse::entries, Layout(a, rows_a_group()).floats());
  announce_scratch(ScratchUse::pairs, pairs_floats(a));
  announce_scratch(ScratchUse::marks, marks_floats(a.columns));
  if (a.column != 1)
    announce_scratch(ScratchUse::turned, static_cast<std::size_t>(rows_at_once * a.columns));
}

GroupedRows list_entries(const Matrix& a, const RowGroups& groups, ThreadPool& threads) {
  const SparseLoops& sparse = sparse_loops();
  const std::int64_t together = groups.rows_a_group;
  const Layout layout(a, together);
  float* const memory = scratch_of_thread(ScratchUse::entries, layout.floats());
  auto* const columns = reinterpret_cast<std::uint16_t*>(memory + layout.columns);
  auto* const ranges = reinterpret_cast<GroupedRows::Range*>(memory + layout.ranges);
  for_parts(a, threads, [&](std::int64_t part, const Rows& rows) {
    const std::uint8_t* const order = groups.order + rows.first;
    for (std::int64_t b = 0; b < layout.blocks; ++b) {
      const std::int64_t k = b * layout.depth, n = std::min(layout.depth, a.columns - k);
      std::int64_t at = (b * parts_of(a) + part) * layout.room;
      for (std::int64_t r = 0; r < rows.count; r += together) {
        const bool two = together == 2 && r + 1 < rows.count;
        const std::int64_t begin = at;
        at += sparse.list(rows.row(order[r]) + k, two ? rows.row(order[r + 1]) + k : nullptr, n,
                          groups.background, columns + at, memory + at,
                          together == 2 ? memory + layout.second + at : nullptr);
        ranges[b * groups_of(a, together) + (rows.first + r) / together] = {
            static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)};
      }
    }
  });
  return {columns, memory,       together == 2 ? memory + layout.second : nullptr,
          ranges,  groups.order, groups.background};
}

}  // namespace rectify::run::cpu
