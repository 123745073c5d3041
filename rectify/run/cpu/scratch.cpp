#include "rectify/run/cpu/scratch.h"

#include <algorithm>

#include "rectify/tensor/buffer.h"

namespace rectify::run::cpu {

namespace {

thread_local std::array<Buffer, scratch_uses> scratch;
thread_local ScratchLog* listening = nullptr;

std::size_t at(ScratchUse use) { return static_cast<std::size_t>(use); }

}  // namespace

float* scratch_of_thread(ScratchUse use, std::size_t floats) {
  Buffer& buffer = scratch[at(use)];
  if (buffer.size() < floats) {
    buffer = Buffer();  // first, so that the two are never there together
    buffer = Buffer(floats);
  }
  return buffer.data();
}

std::size_t scratch_bytes_of_thread() {
  std::size_t bytes = 0;
  for (const Buffer& buffer : scratch) bytes += Buffer::bytes(buffer.size());
  return bytes;
}

ScratchLog::ScratchLog() : before_(listening) { listening = this; }
ScratchLog::~ScratchLog() { listening = before_; }

std::size_t ScratchLog::bytes(int threads) const {
  std::size_t bytes = 0;
  for (std::size_t use = 0; use < scratch_uses; ++use)
    bytes += Buffer::bytes(most_[use]) *
             (use < at(ScratchUse::packed) ? static_cast<std::size_t>(threads) : 1);
  return bytes;
}

void announce_scratch(ScratchUse use, std::size_t floats) {
  if (!listening) return;
  std::size_t& most = listening->most_[at(use)];
  most = std::max(most, floats);
}

}  // namespace rectify::run::cpu
