#include "rectify/run/cpu/sparse/entries.h"

#include <algorithm>
#include <atomic>

#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

namespace {

/// Rows that a thread takes at once: those of a transposed matrix are turned together. Where they
/// are only counted, more of them, since they lie in short pieces otherwise.
constexpr std::int64_t rows_at_once = pairing_window;
constexpr std::int64_t rows_counted_at_once = 4 * rows_at_once;
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
      : depth(block_depth(a.columns, rows_a_group)),
        blocks((a.columns + depth - 1) / depth),
        room(rows_at_once / rows_a_group * depth + 2 * sparse_loops().lanes),
        second(blocks * parts_of(a) * room),
        columns(rows_a_group * second),
        ranges(columns + second / 2),
        all(ranges + 2 * blocks * groups_of(a, rows_a_group)) {}
  std::size_t floats() const { return static_cast<std::size_t>(all); }
};

/// Some rows of a matrix. Where `turned`, they are the columns of what lies there.
struct Rows {
  std::int64_t first, count, columns;
  const float* at;
  std::int64_t stride;
  bool turned;

  const float* row(std::int64_t r) const { return at + r * stride; }
};

std::size_t floats_of(const Matrix& a, std::int64_t rows) {
  return static_cast<std::size_t>(rows * a.columns);
}

/// At most so many from the first on, as they lie in memory, in floats.
Rows rows_as_they_lie(const Matrix& a, std::int64_t first, std::int64_t most) {
  const std::int64_t count = std::min(most, a.rows - first);
  const bool turned = a.column != 1;
  const Matrix part = a.part(first, count, 0, a.columns);
  const std::int64_t stride = turned ? a.column : a.row;
  if (a.element == Element::float32)
    return {first, count, a.columns, part.floats(), stride, turned};
  const std::int64_t lines = turned ? a.columns : count, length = turned ? count : a.columns;
  const auto* const from = part.as<bfloat16>();
  float* const to = scratch_of_thread(ScratchUse::widened, floats_of(a, most));
  for (std::int64_t line = 0; line < lines; ++line)
    loops().to_float32(from + line * stride, to + line * length, static_cast<std::size_t>(length));
  return {first, count, a.columns, to, length, turned};
}

/// One row after the other.
Rows in_rows(Rows rows) {
  if (!rows.turned) return rows;
  float* const to =
      scratch_of_thread(ScratchUse::turned, static_cast<std::size_t>(rows_at_once * rows.columns));
  loops().transpose(rows.at, rows.stride, to, rows.columns, rows.columns, rows.count);
  return {rows.first, rows.count, rows.columns, to, rows.columns, false};
}

/// Calls work(rows) for parts of at most so many rows.
template <class Work>
void for_parts(const Matrix& a, std::int64_t most, ThreadPool& threads, const Work& work) {
  threads.run(static_cast<std::size_t>((a.rows + most - 1) / most), [&](std::size_t part) {
    work(rows_as_they_lie(a, static_cast<std::int64_t>(part) * most, most));
  });
}

/// Counts the numbers of a window's rows and chooses pairs of them.
EntryCount pair_window(const Rows& rows, float background, std::uint8_t* order, std::uint8_t* any) {
  const std::int64_t words = words_of(rows.columns);
  auto* const bits = reinterpret_cast<std::uint64_t*>(
      scratch_of_thread(ScratchUse::marks, marks_floats(rows.columns)));
  std::int64_t marked[rows_at_once];
  EntryCount count;
  for (std::int64_t r = 0; r < rows.count; ++r) {
    marked[r] = sparse_loops().mark(rows.row(r), rows.columns, background, bits + r * words);
    any[r] = marked[r] > 0;
    count.others += marked[r];
  }
  count.entries = sparse_loops().pair(bits, words, marked, rows.count, order);
  return count;
}

/// Counts the numbers of rows that stay in their order.
EntryCount count_rows(const Rows& rows, float background, std::uint8_t* order, std::uint8_t* any) {
  const SparseLoops& sparse = sparse_loops();
  for (std::int64_t r = 0; r < rows.count; ++r)
    order[r] = static_cast<std::uint8_t>(r % pairing_window);
  std::int64_t marked = 0;
  if (rows.turned) {
    marked = sparse.mark_columns(rows.at, rows.stride, rows.columns, rows.count, background, any);
  } else {
    auto* const bits = reinterpret_cast<std::uint64_t*>(
        scratch_of_thread(ScratchUse::marks, marks_floats(rows.columns)));
    for (std::int64_t r = 0; r < rows.count; ++r) {
      const std::int64_t found = sparse.mark(rows.row(r), rows.columns, background, bits);
      any[r] = found > 0;
      marked += found;
    }
  }
  return {marked, marked};
}

}  // namespace

std::int64_t block_depth(std::int64_t columns, std::int64_t rows_a_group) {
  const std::int64_t most = sparse_loops().grouping(rows_a_group).depth;
  const std::int64_t blocks = (columns + most - 1) / most;
  return (columns + blocks - 1) / blocks;
}

std::int64_t rows_a_group() { return loads_as_it_multiplies() ? 1 : 2; }

RowGroups group_rows(const Matrix& a, float background, ThreadPool& threads,
                     std::int64_t rows_a_group) {
  auto* const order =
      reinterpret_cast<std::uint8_t*>(scratch_of_thread(ScratchUse::pairs, pairs_floats(a)));
  std::uint8_t* const any = order + a.rows;
  std::atomic<std::int64_t> others = 0, entries = 0;
  const std::int64_t at_once = rows_a_group == 1 ? rows_counted_at_once : rows_at_once;
  for_parts(a, at_once, threads, [&](const Rows& rows) {
    std::uint8_t *const order_here = order + rows.first, *const any_here = any + rows.first;
    const EntryCount found = rows_a_group == 1
                                 ? count_rows(rows, background, order_here, any_here)
                                 : pair_window(in_rows(rows), background, order_here, any_here);
    others += found.others;
    entries += found.entries;
  });
  return {{others, entries}, order, any, background, rows_a_group};
}

void announce_entries(const Matrix& a) {
  announce_scratch(ScratchUse::entries, Layout(a, rows_a_group()).floats());
  announce_scratch(ScratchUse::pairs, pairs_floats(a));
  announce_scratch(ScratchUse::marks, marks_floats(a.columns));
  if (a.column != 1) announce_scratch(ScratchUse::turned, floats_of(a, rows_at_once));
  if (a.element != Element::float32)
    announce_scratch(ScratchUse::widened, floats_of(a, rows_counted_at_once));
}

GroupedRows list_entries(const Matrix& a, const RowGroups& groups, ThreadPool& threads) {
  const SparseLoops& sparse = sparse_loops();
  const std::int64_t together = groups.rows_a_group;
  const Layout layout(a, together);
  float* const memory = scratch_of_thread(ScratchUse::entries, layout.floats());
  auto* const columns = reinterpret_cast<std::uint16_t*>(memory + layout.columns);
  auto* const ranges = reinterpret_cast<GroupedRows::Range*>(memory + layout.ranges);
  for_parts(a, rows_at_once, threads, [&](const Rows& as_they_lie) {
    const std::int64_t part = as_they_lie.first / rows_at_once;
    const Rows rows = in_rows(as_they_lie);
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
