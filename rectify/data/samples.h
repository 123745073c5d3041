#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// What a model takes.
struct SampleRequest {
  Shape shape;                       ///< of one sample: 28x28x1, or 784
  const TableForm* table = nullptr;  ///< how rows became samples; null: not of a table
  const std::vector<std::string>* classes = nullptr;  ///< the classes that the model knows
  std::string label;  ///< of a table: the column with what is known already; empty: the form's
  std::string id;     ///< of a table: a column that names its rows; empty: none
};

/// Samples to be answered, in the order of their source, with or without labels.
struct Samples {
  Split split;                      ///< samples alone
  std::string unit;                 ///< what the source consists of: "row", "file" or "sample"
  std::vector<std::string> places;  ///< of each sample: the number of its row, or its file
  std::vector<std::string> ids;     ///< of each sample, where a column was asked for
  std::vector<std::string> actual;  ///< its label or target as the source has it; empty: none
  std::vector<std::string> notes;   ///< for the user
};

/// Whether read_samples() reads `source`: a file, a folder, or a SPEC of a kind that can be read
/// without splits (csv).
bool has_samples(const std::string& source);

/// Reads a table (.csv, .tsv or .txt, packed with gzip or not), a picture, a folder of pictures
/// with all folders in it, or NumPy's array of samples (.npy). The content tells which. A picture's
/// label is the name of its folder, where the model knows a class of that name. Throws Error for
/// any other file, and for samples that do not fit the model.
///
///     Samples rows = read_samples("new.csv", {.shape = Shape{4}}, threads);
///     rows.places[0];  // "2": the first row below the names
Samples read_samples(const std::string& source, const SampleRequest& request, ThreadPool& threads);

/// The same for the text of a table that came from elsewhere, such as standard input.
Samples samples_of_csv(std::string_view text, const SampleRequest& request,
                       const std::string& name);

/// The same for pictures (images/picture_samples.cpp).
Samples samples_of_pictures(const std::string& path, const SampleRequest& request,
                            ThreadPool& threads);

}  // namespace rectify::data
