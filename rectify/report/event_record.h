#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/report/training.h"

/// The bytes of TensorBoard's event files: records in TensorFlow's framing, each an Event of its
/// event.proto. The few fields that scalars need are written by hand.
namespace rectify::report {

/// A number of one epoch under the name that TensorBoard shows: {"loss/training", 0.31}.
struct Scalar {
  std::string tag;
  double value = 0;
};

/// All numbers of an epoch that exist, such as "loss/validation", "gradient_norm/dense1.weight" and
/// "dead_units/relu1". What stands before '/' is a group of charts there.
std::vector<Scalar> scalars_of(const TrainingEpoch& epoch);

/// CRC-32C (Castagnoli), as RFC 3720 has it: of "123456789" it is 0xe3069283.
std::uint32_t crc32c(std::string_view bytes);

/// The record that begins a file: it names the version of the format. `time` is in seconds since
/// 1970.
std::string version_record(double time);

/// The record of one epoch. TensorBoard keeps a value as float32.
std::string scalar_record(double time, std::int64_t step, std::span<const Scalar> scalars);

/// What stands at the beginning of `bytes`: the size of the whole record there and its step, 0 for
/// one without a step. Nothing when there is no whole record with sums that fit.
struct RecordSize {
  std::size_t size = 0;
  std::int64_t step = 0;
};
std::optional<RecordSize> first_record(std::string_view bytes);

}  // namespace rectify::report
