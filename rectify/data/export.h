#pragma once

#include <array>
#include <string>
#include <string_view>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// The formats that a data set can be written in: IDX by the function below, NORB's matrices by
/// write_as_matrices().
enum class SetFormat { idx, norb };
constexpr std::array<std::string_view, 2> names_of(SetFormat) { return {"idx", "norb"}; }

/// Writes the data set to `folder` as IDX files. The folder is created where it is missing.
/// mnist:DIR reads the files back to the same samples, labels and classes. `packed` packs them with
/// gzip. Classes that are not called 0, 1, ... are named in classes.txt. Existing files of these
/// names are replaced. Throws Error when samples are not vectors or images of bytes, for
/// regression, for more than 256 classes, and when a file cannot be written.
void write_as_idx(const Dataset& dataset, const std::string& folder, bool packed);

}  // namespace rectify::data
