// norb:DIR: pairs of grey pictures of toys (LeCun, Huang and Bottou 2004, "Learning methods for
// generic object recognition with invariance to pose and lighting").

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/formats/matrix.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/kinds.h"
#include "rectify/data/large_memory.h"
#include "rectify/data/places.h"

namespace rectify::data::ops {

namespace {

constexpr std::array toys = {"animal", "human", "airplane", "truck", "car", "nothing"};

/// A file of pictures and the file of their classes.
struct Files {
  std::string pictures, classes;
};

Matrix read_matrix(const std::string& path) {
  return parse_matrix(read_file(path, static_cast<std::size_t>(max_file_bytes)), path);
}

/// Finds the pairs of files of a split: *-training-*-dat.mat and *-training-*-cat.mat, each with or
/// without .gz. The small set has one pair; the large set has several, which are numbered.
std::vector<Files> find_files(const std::string& folder, const std::string& word) {
  std::vector<Files> found;
  std::string last;
  for (const std::string& name : names_in(folder)) {
    const std::size_t end = name.rfind("-dat.mat");
    if (end == std::string::npos || name.find("-" + word + "-") == std::string::npos) continue;
    const std::string stem = name.substr(0, end);
    if (stem == last || (name.substr(end) != "-dat.mat" && name.substr(end) != "-dat.mat.gz"))
      continue;
    last = stem;
    const std::string classes = first_file(folder, {stem + "-cat.mat", stem + "-cat.mat.gz"});
    if (classes.empty())
      fail("'", folder, "' holds '", name, "' but not '", stem, "-cat.mat' (nor with .gz)");
    found.push_back({(std::filesystem::path(folder) / name).string(), classes});
  }
  return found;
}

/// Appends the pictures. The two pictures of a pair become two channels: 2x96x96 becomes 96x96x2.
void append_pictures(const Matrix& pairs, Split& split) {
  const auto count = static_cast<std::size_t>(pairs.extents[0]);
  const auto cameras = static_cast<std::size_t>(pairs.extents[1]);
  const auto pixels = static_cast<std::size_t>(pairs.extents[2] * pairs.extents[3]);
  std::size_t to = split.bytes.size();
  if (to == 0)
    resize_large(split.bytes, pairs.bytes.size());
  else
    split.bytes.resize(to + pairs.bytes.size());
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t pixel = 0; pixel < pixels; ++pixel)
      for (std::size_t camera = 0; camera < cameras; ++camera)
        split.bytes[to++] = pairs.bytes[(i * cameras + camera) * pixels + pixel];
}

void check_pair(const Matrix& pictures, const Matrix& classes, const Files& files) {
  if (pictures.bytes.empty() || pictures.extents.size() != 4)
    fail("'", files.pictures, "' holds no pictures, which are bytes in 4 dimensions");
  if (classes.numbers.empty() || classes.extents.size() != 1)
    fail("'", files.classes, "' holds no classes, which are integers in 1 dimension");
  if (pictures.extents[0] != classes.extents[0])
    fail("'", files.pictures, "' has ", pictures.extents[0], " samples but '", files.classes,
         "' has ", classes.extents[0], " classes; are they of the same set?");
  for (const std::int32_t label : classes.numbers)
    if (label < 0 || label > 255)
      fail("'", files.classes, "' has the class ", label, "; classes here are 0 to 255");
}

Split read_split(const std::vector<Files>& files, Dataset& dataset, ThreadPool& threads) {
  Split split;
  for (const Files& pair : files) {
    std::array<Matrix, 2> read;
    threads.run(2, [&](std::size_t i) { read[i] = read_matrix(i ? pair.classes : pair.pictures); });
    check_pair(read[0], read[1], pair);
    const Shape shape{read[0].extents[2], read[0].extents[3], read[0].extents[1]};
    if (dataset.sample_shape.rank() == 0) dataset.sample_shape = shape;
    if (shape != dataset.sample_shape)
      fail("'", pair.pictures, "' has samples of ", shape.text(), " but others have ",
           dataset.sample_shape.text(), "; are they of the same set?");
    append_pictures(read[0], split);
    split.labels.insert(split.labels.end(), read[1].numbers.begin(), read[1].numbers.end());
  }
  split.count = split.labels.size();
  return split;
}

/// NORB's five categories have names, and the sixth class, pictures of no toy, where it stands
/// beside them; the classes of other sets are numbers.
std::vector<std::string> names_of(const Dataset& dataset) {
  std::set<std::int32_t> seen = {0};
  for (const Split* split : {&dataset.train, &dataset.test})
    seen.insert(split->labels.begin(), split->labels.end());
  const std::size_t last = static_cast<std::size_t>(*seen.rbegin());
  const bool known = last < 5 || (last == 5 && seen.size() == toys.size());
  std::vector<std::string> names;
  for (std::size_t label = 0; label <= (known ? std::max<std::size_t>(last, 4) : last); ++label)
    names.push_back(known ? toys[label] : std::to_string(label));
  return names;
}

Dataset open_norb(const Request& request, ThreadPool& threads) {
  const std::string& folder = request.argument;
  if (folder.empty()) fail(request.what(), ": name the folder of the files, as in norb:DIR");
  check_folder(folder, "norb:DIR needs the folder that holds the .mat files");
  const std::vector<Files> train = find_files(folder, "training");
  if (train.empty())
    fail("'", folder, "' holds no file that ends in -training-dat.mat or -training-dat.mat.gz");
  Dataset dataset;
  dataset.train = read_split(train, dataset, threads);
  dataset.test = read_split(find_files(folder, "testing"), dataset, threads);
  dataset.class_names = names_of(dataset);
  return dataset;
}

}  // namespace

std::span<const Kind> norb() {
  static constexpr std::array all = {
      Kind{"norb", "norb:DIR", open_norb, nullptr, nullptr, only_path}};
  return all;
}

}  // namespace rectify::data::ops
