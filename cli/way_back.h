#pragma once

#include <string>
#include <utility>

#include "cli/flags.h"
#include "rectify/base/file.h"
#include "rectify/lab/stopped.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

inline std::string way_back(const train::RunFolder& folder) {
  if (!folder.resumable()) return "start again with the same command";
  return "go on with: rectify resume " + shell_word(folder.path().string());
}

/// What `work` returns. Where it is stopped or cannot write, the error says how to go on.
template <class Work>
auto with_way_back(const train::RunFolder& folder, Work work) {
  try {
    return std::move(work)();
  } catch (const lab::Stopped&) {
    throw lab::Stopped(way_back(folder));
  } catch (const WriteError& error) {
    throw WriteError(concat(error.what(), "; make room, then ", way_back(folder)));
  }
}

}  // namespace rectify::cli
