#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/precision.h"
#include "rectify/run/step.h"
#include "rectify/run/storage.h"
#include "rectify/run/weight_precision.h"

namespace rectify::run {

/// A node to be computed, and where its inputs and its value are. It is valid as long as the plan
/// that made it.
struct Operation {
  const graph::Graph& graph;
  const graph::Node& node;
  std::int64_t batch;
  bool training;            ///< whether random nodes act
  bool winograd;            ///< whether convolutions may be computed by Winograd's algorithm
  bool sparse;              ///< whether products may leave out the zeros that rectifiers make
  WeightPrecision weights;  ///< of dense layers' parameters; fp32 in training
  ThreadPool& threads;      ///< of the processor
  const RunState& state;    ///< read when the step runs
  std::vector<Storage> inputs;
  Storage value;                       ///< nowhere when there is a sink
  const GradientSink* sink = nullptr;  ///< takes the value in place of memory
  FactorZeros* zeros = nullptr;        ///< where a product tells what it found; null: nowhere

  /// The first element of the i-th input, of the value (null when there is a sink). Throws Error
  /// naming the node when the elements are not of type T.
  template <class T>
  T* input(std::size_t i) const {
    check(inputs[i], element_of<T>(), "input");
    return inputs[i].as<T>();
  }
  template <class T>
  T* output() const {
    check(value, element_of<T>(), "value");
    return value.as<T>();
  }

  /// Elements of the i-th input, of the value, for the whole batch.
  std::size_t input_size(std::size_t i) const {
    return static_cast<std::size_t>(graph.input(node, i).type.size(batch));
  }
  std::size_t output_size() const { return static_cast<std::size_t>(node.type.size(batch)); }
  /// Whether the i-th input is kept as bfloat16.
  bool narrow_input(std::size_t i) const { return inputs[i].element == Element::bfloat16; }

 private:
  void check(const Storage& storage, Element wanted, const char* what) const {
    if (storage.element != wanted)
      fail(graph::where(node), " is computed from ", name_of(wanted), ", but its ", what, " is ",
           name_of(storage.element));
  }
};

/// What becomes one step: an operation, and those that are fused with it, in their order.
struct Task {
  Operation main;
  std::vector<Operation> fused = {};
};

/// What a backend makes of a plan's tasks.
struct Lowered {
  struct One {
    Step step;                   ///< empty when there is nothing to do
    std::string implementation;  ///< what computes it, for people: "oneDNN", "avx512"
  };
  std::vector<One> steps;         ///< one a task
  std::size_t scratch_bytes = 0;  ///< memory that the steps use besides the plan's, shared by plans
};

/// Where a plan's values are kept and what computes them: a processor, an accelerator. A plan asks
/// supports(), fuse() and narrow() what there will be to compute, allocate() for one piece of
/// memory, and lower() for its steps; a run calls these in their order, on one thread.
///
/// All addresses that a plan is given or gives are in this memory: parameters, bound gradients,
/// what sinks take. Graph inputs and values that are read come and go by copy(), where
/// shares_memory() does not say that this is not needed.
class Backend {
 public:
  virtual ~Backend() = default;

  /// "cpu": as errors name it.
  virtual std::string_view name() const = 0;

  /// That many bytes, zeros, which begin on a line of tensor_alignment and are there until the last
  /// copy of the pointer is gone. Not `reserved`: for plans that are looked at and not run, however
  /// large. Throws Error when there is not enough memory.
  virtual std::shared_ptr<std::byte> allocate(std::size_t bytes, bool reserved) = 0;
  /// Whether the processor reads and writes that memory by its addresses.
  virtual bool shares_memory() const = 0;
  /// Copies bytes from or to the processor's memory, once all steps that were called are done.
  virtual void copy(std::byte* to, const std::byte* from, std::size_t bytes) = 0;

  /// Whether it can compute that node.
  virtual bool supports(const graph::Graph& graph, const graph::Node& node) const = 0;
  /// Whether it can hand the node's value to a sink, part by part.
  virtual bool can_sink(const graph::Node& node) const = 0;
  /// When it takes bfloat16 in place of floats there.
  virtual pass::Narrow narrow(const graph::Graph& graph, const graph::Node& node) const = 0;
  /// For each node the one that it is computed along with, or -1 (see pass::fuse).
  virtual std::vector<graph::NodeId> fuse(const graph::Graph& graph) const = 0;

  /// Makes the tasks of a plan into steps, one each. They hold what they need of the tasks; the
  /// graph, the memory and the threads must outlive them.
  virtual Lowered lower(std::span<const Task> tasks) = 0;

  /// The largest |x[i]| of floats or bfloat16; a NaN if there is one.
  virtual float largest_magnitude(const Storage& x, ThreadPool& threads) = 0;
};

/// The processor: kernels of run/cpu/, whose results are the same bits for any number of threads.
Backend& cpu_backend();

/// "2.6.3": of the oneDNN library by which the processor's backend computes products. Results of
/// two versions may differ in their last bits.
std::string onednn_version();

/// "AVX2": the widest instruction set that oneDNN uses in this process.
std::string_view onednn_instruction_set();

/// Whether this processor multiplies bfloat16 faster than floats (AVX512-BF16, AMX).
bool has_bfloat16_products();

}  // namespace rectify::run
