#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "rectify/run/backend.h"

namespace rectify::run {

/// Memory for plans that never run at the same time. What a plan keeps lasts until another runs.
class Arena {
 public:
  explicit Arena(Backend& backend = cpu_backend()) : backend_(backend) {}
  /// Of the processor's memory, however large: for plans that are looked at and not run.
  static std::shared_ptr<Arena> unreserved();

  /// Memory of at least that many floats; what was given before stays where it is.
  std::byte* reserve(std::size_t floats);
  /// Of the largest piece that was asked for.
  std::size_t floats() const { return blocks_.empty() ? 0 : blocks_.back().floats; }

  const Backend& backend() const { return backend_; }

 private:
  struct Block {
    std::shared_ptr<std::byte> memory;
    std::size_t floats;
  };

  Backend& backend_;
  std::vector<Block> blocks_;  ///< each larger than the one before
  bool reserved_ = true;
};

}  // namespace rectify::run
