// The processor as a backend: a kernel of run/cpu/ops/ for each node.

#include "rectify/run/backend.h"

#include <algorithm>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/run/cpu/fuse.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/onednn.h"
#include "rectify/run/cpu/scratch.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run {

namespace {

class Processor final : public Backend {
 public:
  std::string_view name() const override { return "cpu"; }

  std::shared_ptr<std::byte> allocate(std::size_t bytes, bool reserved) override {
    const std::size_t floats = (bytes + sizeof(float) - 1) / sizeof(float);
    const auto buffer =
        std::make_shared<Buffer>(reserved ? Buffer(floats) : Buffer::unreserved(floats));
    return {buffer, storage_of(buffer->data(), floats).data};
  }
  bool shares_memory() const override { return true; }
  void copy(std::byte* to, const std::byte* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }

  bool supports(const graph::Graph&, const graph::Node& node) const override {
    return std::ranges::any_of(
        cpu::kernels(), [&](const cpu::Kernel* kernel) { return kernel->op == node.op->name; });
  }
  bool can_sink(const graph::Node& node) const override { return cpu::kernel_for(node).sinks; }
  pass::Narrow narrow(const graph::Graph& graph, const graph::Node& node) const override {
    const auto when = cpu::kernel_for(node).narrow;
    return when ? when(graph, node) : pass::Narrow::never;
  }
  std::vector<graph::NodeId> fuse(const graph::Graph& graph) const override {
    return cpu::fuse(graph);
  }

  Lowered lower(std::span<const Task> tasks) override {
    const cpu::ScratchLog scratch;
    Lowered made;
    for (const Task& task : tasks)
      made.steps.push_back(
          {cpu::step_of(task),
           std::string(cpu::implementation(cpu::kernel_for(task.main.node), {task.main}))});
    if (!tasks.empty()) made.scratch_bytes = scratch.bytes(tasks[0].main.threads.threads());
    return made;
  }

  float largest_magnitude(const Storage& x, ThreadPool& threads) override {
    std::vector<float> most((x.count + cpu::tile_elements - 1) / cpu::tile_elements);
    cpu::for_elements(threads, x.count, [&](std::size_t first, std::size_t n) {
      most[first / cpu::tile_elements] =
          x.element == Element::bfloat16
              ? cpu::loops().largest_magnitude_bfloat16(x.as<bfloat16>() + first, n)
              : cpu::loops().largest_magnitude(x.as<float>() + first, n);
    });
    return cpu::loops().largest_magnitude(most.data(), most.size());
  }
};

}  // namespace

Backend& cpu_backend() {
  static Processor processor;
  return processor;
}

bool has_bfloat16_products() { return cpu::onednn_uses(dnnl::cpu_isa::avx512_core_bf16); }

}  // namespace rectify::run
