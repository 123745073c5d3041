#include "rectify/run/cpu/product/product.h"

#include <unordered_map>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/run/cpu/onednn.h"
#include "rectify/run/cpu/scratch.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run::cpu {

namespace {

/// Extent of a tile on the side that is cut. Measured on 1000 x 1000 layers at batches 32, 128 and
/// 512: from 256 on, single-threaded products run within 3 % of their best, below that packing
/// costs.
constexpr std::int64_t tile_extent = 256;
/// Floats of a tile of whole rows: half a million bytes, so that the second cache still has the
/// tile when the epilogue reads it.
constexpr std::int64_t row_tile_floats = 1 << 17;
/// Below this many multiply-adds a product is one tile: handing out work costs microseconds.
constexpr std::int64_t least_work_to_share = 1 << 20;
/// Tile bounds fall on full vectors.
constexpr std::int64_t lanes = 16;

struct Range {
  std::int64_t first, count;
};

/// Cuts [0, extent) into parts of about `part`, as equal as full vectors allow. Their number
/// is even, so that two threads have the same to do, or 1 where there is too little `work`
/// (multiply-adds of the whole product) to share.
std::vector<Range> cut_range(std::int64_t extent, std::int64_t part, std::int64_t work) {
  const std::int64_t vectors = (extent + lanes - 1) / lanes;
  std::int64_t parts = (extent + part - 1) / part;
  parts = work < least_work_to_share || vectors < 2 ? 1 : parts + parts % 2;
  std::vector<Range> ranges;
  for (std::int64_t i = 0; i < parts; ++i) {
    const std::int64_t first = vectors * i / parts * lanes;
    const std::int64_t end = std::min(extent, vectors * (i + 1) / parts * lanes);
    ranges.push_back({first, end - first});
  }
  return ranges;
}

dnnl::memory::desc describe(const Matrix& m) {
  using enum dnnl::memory::data_type;
  return {{m.rows, m.columns},
          m.element == Element::bfloat16 ? bf16 : f32,
          dnnl::memory::dims{m.row, m.column}};
}

std::size_t floats(const dnnl::memory::desc& d) { return (d.get_size() + 3) / sizeof(float); }

/// Gives a primitive the calling thread's scratch memory.
void lend_scratch(dnnl::memory memory) {
  memory.set_data_handle(scratch_of_thread(ScratchUse::primitive, floats(memory.get_desc())));
}

}  // namespace

struct Product::Tiles {
  struct Tile {
    dnnl::matmul primitive;
    std::unordered_map<int, dnnl::memory> arguments;
    ResultTile result;
  };

  ThreadPool& threads;
  std::vector<Tile> all = {};
  std::vector<Buffer> passing = {};  ///< a tile for each thread, where the result is not kept
  dnnl::stream stream{cpu_engine()};
};

Product::Product(Matrix a, Matrix b, Matrix c, ThreadPool& threads, Cut cut)
    : tiles_(new Tiles{threads}) {
  const OneThread one_thread;
  const std::int64_t work = c.rows * c.columns * a.columns;
  std::int64_t largest = 0;  // tile
  std::vector<Range> row_ranges = {{0, c.rows}}, column_ranges = {{0, c.columns}};
  if (cut == Cut::rows)
    row_ranges =
        cut_range(c.rows, std::clamp(row_tile_floats / c.columns, lanes, 2 * tile_extent), work);
  if (cut == Cut::columns) column_ranges = cut_range(c.columns, tile_extent, work);
  try {
    for (const auto& [row, rows] : row_ranges)
      for (const auto& [column, columns] : column_ranges) {
        const Matrix at = a.part(row, rows, 0, a.columns);
        const Matrix bt = b.part(0, b.rows, column, columns);
        const Matrix ct =
            c.data ? c.part(row, rows, column, columns) : matrix(nullptr, rows, columns);
        const auto descriptor = matmul_descriptor(describe(at), describe(bt), describe(ct));
        tiles_->all.push_back(
            {dnnl::matmul(descriptor),
             {{DNNL_ARG_SRC, dnnl::memory(describe(at), cpu_engine(), at.data)},
              {DNNL_ARG_WEIGHTS, dnnl::memory(describe(bt), cpu_engine(), bt.data)},
              {DNNL_ARG_DST, dnnl::memory(describe(ct), cpu_engine(), ct.data)},
              {DNNL_ARG_SCRATCHPAD,
               dnnl::memory(descriptor.scratchpad_desc(), cpu_engine(), DNNL_MEMORY_NONE)}},
             {ct.floats(), rows, columns, ct.row, row, column}});
        announce_scratch(ScratchUse::primitive, floats(descriptor.scratchpad_desc()));
        largest = std::max(largest, rows * columns);
      }
  } catch (const dnnl::error& error) {
    fail("oneDNN cannot make a product of ", c.rows, "x", a.columns, " and ", a.columns, "x",
         c.columns, ": ", error.what());
  }
  if (!c.data)
    for (int i = 0; i < threads.threads(); ++i)
      tiles_->passing.emplace_back(static_cast<std::size_t>(largest));
}

Product::~Product() = default;
Product::Product(Product&&) noexcept = default;

void Product::run(Epilogue epilogue, const void* context) const {
  tiles_->threads.run(tiles_->all.size(), [&](std::size_t i, std::size_t thread) {
    const OneThread one_thread;
    const Tiles::Tile& tile = tiles_->all[i];
    ResultTile result = tile.result;
    if (!result.c) {
      result.c = tiles_->passing[thread].data();
      dnnl::memory(tile.arguments.at(DNNL_ARG_DST)).set_data_handle(result.c);
    }
    lend_scratch(tile.arguments.at(DNNL_ARG_SCRATCHPAD));
    tile.primitive.execute(tiles_->stream, tile.arguments);
    if (epilogue) epilogue(context, result);
  });
}

void multiply_add(const Matrix& a, const Matrix& b, const Matrix& c) {
  limit_onednn();
  const OneThread one_thread;
  const auto order = [](const Matrix& m) { return m.column == 1 ? 'N' : 'T'; };
  const auto stride = [](const Matrix& m) { return m.column == 1 ? m.row : m.column; };
  const dnnl_status_t status =
      dnnl_sgemm(order(a), order(b), c.rows, c.columns, a.columns, 1, a.floats(), stride(a),
                 b.floats(), stride(b), 1, c.floats(), c.row);
  if (status != dnnl_success)
    fail("oneDNN cannot make a product of ", c.rows, "x", a.columns, " and ", a.columns, "x",
         c.columns);
}

bool can_compute_bfloat16() { return onednn_uses(dnnl::cpu_isa::avx512_core); }
bool has_amx_products() { return onednn_uses(dnnl::cpu_isa::avx512_core_amx); }
double bfloat16_work() { return onednn_uses(dnnl::cpu_isa::avx512_core_bf16) ? 0.55 : 1; }

}  // namespace rectify::run::cpu
