#pragma once

#include <cstddef>

namespace rectify::lab {

/// One operation on arrays of floats that stay in cache, by vectors of the instruction set in
/// force: out[i] = a[i] op b[i], or op a[i]. n is a multiple of 64.
struct OperationLoops {
  void (*add)(const float* a, const float* b, float* out, std::size_t n);
  void (*multiply)(const float* a, const float* b, float* out, std::size_t n);
  void (*maximum)(const float* a, const float* b, float* out, std::size_t n);
  void (*divide)(const float* a, const float* b, float* out, std::size_t n);
  void (*exp)(const float* a, const float* b, float* out, std::size_t n);
  void (*log)(const float* a, const float* b, float* out,
              std::size_t n);  ///< of 1 + a, 0 <= a <= 1
};

const OperationLoops& operation_loops();

/// One way of doing an operation.
enum class Way { latency, throughput, vectors };

/// Cycles of one `operation`: "add", "multiply", "compare", "divide", "exp", "log". latency: a
/// chain of single operations, each of which waits for the one before; throughput: single ones that
/// wait for nothing; vectors: an element of an array by operation_loops(). Of exp and log the first
/// two are calls of the C library.
double operation_cycles(const char* operation, Way way);

}  // namespace rectify::lab
