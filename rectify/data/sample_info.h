#pragma once

#include <string>
#include <vector>

namespace rectify::data {

/// How samples were taken, where the kind of data knows it. Networks never see it; it goes with the
/// samples into files (rectify/data/export_matrix.h).
struct SampleInfo {
  std::vector<std::string> names;  ///< of the numbers of one sample; empty when nothing is known
  bool whole = true;               ///< all are whole numbers
  std::vector<float> train;        ///< names.size() numbers for each sample, sample by sample
  std::vector<float> test;
};

/// What is known of the samples of `spec`, in the order of data::open(). Throws Error for what is
/// no SPEC of a known kind, and for wrong options.
///
///     sample_info("toys:variant=plain").names;  // instance, elevation, azimuth, lighting
SampleInfo sample_info(const std::string& spec);

}  // namespace rectify::data
