#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace rectify {

/// Alignment of every tensor in memory: a cache line, and the widest vector register.
inline constexpr std::size_t tensor_alignment = 64;

/// Floats that start on a cache line, zero at first. Large buffers ask for huge pages, and take a
/// page's memory when something is first written to it; until then all pages are one of zeros.
class Buffer {
 public:
  Buffer() = default;
  /// Throws Error saying how much was asked for when there is not enough memory.
  explicit Buffer(std::size_t floats);
  /// The same, but however large: the system is not asked whether it has the memory. For plans that
  /// are made to be looked at, and not run.
  static Buffer unreserved(std::size_t floats) { return Buffer(floats, false); }

  /// Bytes of memory that so many floats take.
  static std::size_t bytes(std::size_t floats);

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<float> span() { return {data_.get(), size_}; }
  std::span<const float> span() const { return {data_.get(), size_}; }

 private:
  Buffer(std::size_t floats, bool reserved);

  struct Free {
    Free() : mapped(0) {}
    explicit Free(std::size_t bytes) : mapped(bytes) {}
    void operator()(float* memory) const;
    std::size_t mapped;  ///< bytes of pages of its own; 0 when it came from the heap
  };
  std::unique_ptr<float[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace rectify
