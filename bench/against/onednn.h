#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <optional>
#include <string>
#include <unordered_map>

#include "rectify/activation/activation.h"

namespace rectify::bench {

/// oneDNN's element-wise operation that is a row's function.
struct Eltwise {
  dnnl::algorithm algorithm;
  float alpha = 0, beta = 0;
  dnnl::algorithm from_output = dnnl::algorithm::undef;  ///< its form that differentiates from y
  const char* as = "";  ///< the operation's name when it goes by another than the row's
};

/// Nothing where oneDNN 2.6 has no single operation for the row with its default parameters.
std::optional<Eltwise> onednn_form(const activation::Row& row);

/// One primitive on n floats, run by the calling thread alone.
class OneDnn {
 public:
  enum class Pass { forward, backward, backward_from_output };
  OneDnn(const Eltwise& form, Pass pass, std::size_t n);

  /// What the next runs work on; `dy` is only for the backward passes, whose `x` is y for the last.
  void bind(const float* x, const float* dy, float* out);
  void run();

 private:
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::memory in_, dy_, out_;
  dnnl::primitive primitive_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

/// "2.6.3".
std::string onednn_version();

}  // namespace rectify::bench
