#include "rectify/data/samples.h"

#include <filesystem>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/csv.h"
#include "rectify/data/formats/npy.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/formats/text_encoding.h"
#include "rectify/data/kinds.h"
#include "rectify/data/table/learn.h"

namespace rectify::data {

namespace {

bool is_picture(std::string_view bytes) {
  return bytes.starts_with("\xff\xd8\xff") || bytes.starts_with("\x89PNG");
}

std::size_t features_wanted(const SampleRequest& request) {
  return static_cast<std::size_t>(request.shape.size());
}

/// Without a form every column but those of labels and ids is a feature.
void check_width(const Table& table, const SampleRequest& request, const std::string& name) {
  const std::size_t wanted = features_wanted(request), found = table.columns.size();
  if (!table.texts.empty())
    fail("'", name, "', column '", shown(table.columns[table.texts.begin()->first]),
         "' holds texts, but the model takes numbers");
  if (found == wanted) return;
  fail("'", name, "' has ", found, " columns of features but the model takes ", wanted,
       found == wanted + 1
           ? concat("; if one holds what is known already, say which: --data csv:", name, ":COLUMN")
           : "");
}

void refuse_gaps(const std::vector<float>& values, const Table& table, std::size_t width,
                 const std::string& name) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != values[i])
      fail("'", name, "', row ", table.row_numbers[i / width],
           ": a value is missing, and the model does not know what to take for it; fill it in");
}

/// Whether an array's samples are rows of numbers, or have the shape but for axes of 1.
bool fits(const std::vector<std::int64_t>& extents, const Shape& shape) {
  if (extents.size() <= 2 || shape.rank() == 1) return true;
  std::vector<std::int64_t> found(extents.begin() + 1, extents.end()), wanted = shape.extents();
  std::erase(found, 1);
  std::erase(wanted, 1);
  return found == wanted;
}

/// What to do about samples whose channels come first.
std::string advice(const Array& array, const SampleRequest& request) {
  const std::vector<std::int64_t>& x = array.extents;
  const Shape& shape = request.shape;
  const bool first = x.size() == 4 && shape.rank() == 3 && x[1] == shape[2] && x[2] == shape[0] &&
                     x[3] == shape[1];
  return first ? "; channels come last here: x.transpose(0, 2, 3, 1)" : "";
}

Samples samples_of_npy(const std::string& content, const SampleRequest& request,
                       const std::string& name) {
  const Array array = parse_npy(content, name);
  const std::size_t wanted = features_wanted(request);
  const auto count = array.extents.empty() ? 0 : static_cast<std::size_t>(array.extents[0]);
  if (count == 0 || array.size() != count * wanted || !fits(array.extents, request.shape))
    fail("'", name, "' holds ", Shape(array.extents).text(), " numbers, but a sample has ",
         request.shape.text(), " and the first axis counts the samples", advice(array, request));
  Samples samples{.unit = "sample"};
  samples.split.count = count;
  samples.split.values = floats_of(array);
  for (std::size_t i = 0; i < count; ++i) samples.places.push_back(std::to_string(i));
  return samples;
}

/// The kind of a SPEC, if it can be read without splits.
const Kind* kind_with_samples(const std::string& spec) {
  for (const Kind* kind : kinds())
    if (kind->samples && spec.starts_with(concat(kind->name, ":"))) return kind;
  return nullptr;
}

}  // namespace

bool has_samples(const std::string& source) {
  std::error_code ignored;
  return std::filesystem::exists(source, ignored) || kind_with_samples(source);
}

Samples samples_of_csv(std::string_view text, const SampleRequest& request,
                       const std::string& name) {
  const bool with_form = request.table && !request.table->empty();
  Table table = parse_csv(text,
                          {.label = request.label,
                           .id = request.id,
                           .labels_may_miss = true,
                           .form = with_form ? request.table : nullptr},
                          name);
  Samples samples{.unit = "row"};
  if (!table.encoding.empty()) samples.notes.push_back(encoding_note(table, name));
  samples.split.count = table.rows;
  if (with_form) {
    samples.split.values = features_of(table, *request.table, samples.notes);
    fill_missing(samples.split.values, *request.table, samples.notes);
  } else {
    check_width(table, request, name);
    samples.split.values = std::move(table.values);
  }
  refuse_gaps(samples.split.values, table, features_wanted(request), name);
  for (const std::size_t row : table.row_numbers) samples.places.push_back(std::to_string(row));
  samples.ids = std::move(table.ids);
  samples.actual = std::move(table.labels);
  if (!table.unused.empty()) {
    std::string names;
    for (const std::string& column : table.unused)
      names += (names.empty() ? "'" : ", '") + column + "'";
    samples.notes.push_back("not used, because the model does not know it: " + names);
  }
  return samples;
}

Samples read_samples(const std::string& path, const SampleRequest& request, ThreadPool& threads) {
  std::error_code ignored;
  if (const Kind* kind = kind_with_samples(path); kind && !std::filesystem::exists(path, ignored))
    return kind->samples({path, path.substr(path.find(':') + 1), {}}, request);
  if (std::filesystem::is_directory(path)) return samples_of_pictures(path, request, threads);
  const std::string bytes = read_file(path, static_cast<std::size_t>(max_file_bytes));
  if (is_picture(bytes)) return samples_of_pictures(path, request, threads);
  const std::string content = unpacked(bytes, path);
  if (content.starts_with("\x93NUMPY")) return samples_of_npy(content, request, path);
  if (content.starts_with("PK\x03\x04"))
    fail("'", path, "' is an archive; for NumPy's archive of x_test write npz:", path);
  if (!has_utf16_mark(content) && content.find('\0') != std::string::npos)
    fail("'", path, "' is no table, picture or .npy file");
  return samples_of_csv(content, request, path);
}

}  // namespace rectify::data
