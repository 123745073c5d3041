#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace rectify {

/// Alignment of every tensor in memory: a cache line, and the widest vector register.
inline constexpr std::size_t tensor_alignment = 64;

/// An array of floats that starts on a cache line and is zero at first. A large buffer asks for
/// huge pages. A page takes memory only when it is first written to; until then it reads as zeros.
class Buffer {
 public:
  Buffer() = default;
  /// Throws Error, which states the size, when there is not enough memory.
  explicit Buffer(std::size_t floats);
  /// A buffer of any size: the operating system is not asked whether it has the memory. For plans
  /// that are inspected and never run.
  static Buffer unreserved(std::size_t floats) { return Buffer(floats, false); }

  /// How many bytes of memory a buffer of this many floats takes.
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
    std::size_t mapped;  ///< bytes of mapped pages; 0 when the memory came from the heap
  };
  std::unique_ptr<float[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace rectify
