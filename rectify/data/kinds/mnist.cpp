#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/idx.h"
#include "rectify/data/kinds.h"
#include "rectify/data/places.h"

namespace rectify::data::ops {

namespace {

namespace fs = std::filesystem;

/// The four files of a set, in this order; the last two are empty when it has no test files.
enum File { train_images, train_labels, test_images, test_labels, file_count };
using Paths = std::array<std::string, file_count>;

/// A set in a folder. The names of EMNIST's files begin with the name of the set:
/// emnist-letters-train-images-...
struct Place {
  std::string folder;
  std::string prefix;
  bool emnist() const { return prefix.starts_with("emnist-"); }
};

/// The texts before "-train-images" in the names of a folder's files: the sets that the folder
/// holds.
std::set<std::string> prefixes_in(const std::string& folder) {
  std::set<std::string> found;
  for (const std::string& name : names_in(folder))
    if (const std::size_t at = name.find("-train-images"); at != std::string::npos && at > 0)
      found.insert(name.substr(0, at + 1));
  return found;
}

/// The place of mnist:DIR/SET, where the folder DIR holds a set of that name.
std::optional<Place> place_of_set(const fs::path& path) {
  std::error_code ignored;
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (fs::exists(path, ignored) || !fs::is_directory(parent, ignored)) return std::nullopt;
  const std::string prefix = path.filename().string() + "-";
  if (!prefixes_in(parent.string()).contains(prefix)) return std::nullopt;
  return Place{parent.string(), prefix};
}

std::vector<std::string> mnist_paths(const Request& request) {
  const std::optional<Place> set = place_of_set(request.argument);
  return {set ? set->folder : request.argument};
}

/// Finds the set for mnist:DIR, or for mnist:DIR/SET where a folder holds several sets.
Place find_place(const Request& request) {
  const std::string& given = request.argument;
  if (given.empty()) fail(request.what(), ": name the folder of the IDX files, as in mnist:DIR");
  if (const auto set = place_of_set(given)) return *set;
  check_folder(given, "mnist:DIR needs the folder that holds the IDX files");
  const bool plain = !first_file(given, idx_names("train-images", "324")).empty();
  const std::set<std::string> prefixes = prefixes_in(given);
  if (plain || prefixes.empty()) return {given, ""};
  if (prefixes.size() == 1) return {given, *prefixes.begin()};
  std::string choices;
  for (const std::string& prefix : prefixes)
    choices += (choices.empty() ? "" : ", ") + prefix.substr(0, prefix.size() - 1);
  fail(request.what(), ": the folder holds several sets (", choices, "); name one, as in mnist:",
       (fs::path(given) / prefixes.begin()->substr(0, prefixes.begin()->size() - 1)).string());
}

Paths find_files(const Place& place) {
  const char* test = place.prefix.empty() ? "t10k" : "test";
  const std::array<std::string, file_count> stems = {
      "train-images", "train-labels", concat(test, "-images"), concat(test, "-labels")};
  Paths paths;
  std::array<std::vector<std::string>, file_count> names;
  for (std::size_t i = 0; i < file_count; ++i) {
    const bool images = i == train_images || i == test_images;
    names[i] = idx_names(place.prefix + stems[i], images ? "324" : "1");
    paths[i] = first_file(place.folder, names[i]);
  }
  for (std::size_t i = 0; i < file_count; ++i) {
    if (!paths[i].empty()) continue;
    // Both test files may be missing; one alone may not.
    if (i >= test_images && paths[test_images].empty() && paths[test_labels].empty()) continue;
    fail("cannot open '", (fs::path(place.folder) / names[i][0]).string(),
         "': No such file or directory (nor '", names[i][1], "', with or without .gz)");
  }
  return paths;
}

/// 28x28x1 for 60000x28x28: the extents after the count, and one channel for images without
/// channels.
Shape sample_shape(const Idx& images, const std::string& path) {
  if (images.extents.size() < 2)
    fail("'", path, "' has 1 dimension, which is how labels are stored; images have 2 to 4");
  std::vector<std::int64_t> extents = images.extents;
  if (extents.size() == 3) extents.push_back(1);
  extents.erase(extents.begin());
  return Shape(std::move(extents));
}

Split make_split(Idx images, const Idx& labels, const std::string& images_path,
                 const std::string& labels_path) {
  if (labels.extents.size() != 1)
    fail("'", labels_path, "' has ", labels.extents.size(),
         " dimensions; labels have 1, the count; is it an image file?");
  if (images.extents[0] != labels.extents[0])
    fail("'", images_path, "' has ", images.extents[0], " images but '", labels_path, "' has ",
         labels.extents[0], " labels; are they of the same set?");
  Split split;
  split.count = static_cast<std::size_t>(labels.extents[0]);
  split.labels.assign(labels.bytes.begin(), labels.bytes.end());
  split.bytes = std::move(images.bytes);
  return split;
}

/// Reads the names of the classes from a file with one name a line, as `data make` writes it.
std::vector<std::string> read_names(const std::string& path, std::size_t classes) {
  std::vector<std::string> names;
  for (const std::string& line : split(read_file(path, std::size_t{1} << 20), '\n'))
    if (!trim(line).empty()) names.emplace_back(trim(line));
  if (names.size() < classes)
    fail("'", path, "' names ", names.size(), " classes but the labels go up to ", classes - 1,
         "; write one name a line, or remove the file");
  return names;
}

/// Reads EMNIST's file of the characters that each label stands for: "10 65" means that label 10 is
/// A, "1 65 97" that label 1 is A and a.
std::vector<std::string> read_mapping(const std::string& path, std::vector<std::string> names) {
  for (const std::string& line : split(read_file(path, std::size_t{1} << 20), '\n')) {
    std::vector<std::int64_t> numbers;
    for (const std::string& part : split(trim(line), ' '))
      if (const auto number = parse_integer(part)) numbers.push_back(*number);
    if (numbers.size() < 2 || numbers[0] < 0 ||
        numbers[0] >= static_cast<std::int64_t>(names.size()))
      continue;
    std::string name;
    for (std::size_t i = 1; i < numbers.size(); ++i)
      if (numbers[i] > 32 && numbers[i] < 127) name.push_back(static_cast<char>(numbers[i]));
    if (!name.empty()) names[static_cast<std::size_t>(numbers[0])] = name;
  }
  return names;
}

std::vector<std::string> class_names(const Place& place, const Dataset& dataset) {
  std::int32_t last = 0;
  for (const Split* split : {&dataset.train, &dataset.test})
    for (const std::int32_t label : split->labels) last = std::max(last, label);
  std::vector<std::string> names;
  for (std::int32_t label = 0; label <= last; ++label) names.push_back(std::to_string(label));
  if (const std::string path = first_file(place.folder, {place.prefix + "classes.txt"});
      !path.empty())
    return read_names(path, names.size());
  if (const std::string path = first_file(place.folder, {place.prefix + "mapping.txt"});
      !path.empty())
    return read_mapping(path, std::move(names));
  return names;
}

/// Makes EMNIST's images upright: they are stored column after column.
void transpose(Split& split, const Shape& shape) {
  const auto h = static_cast<std::size_t>(shape[0]), w = static_cast<std::size_t>(shape[1]);
  std::vector<std::uint8_t> turned(h * w);
  for (std::size_t i = 0; i < split.count; ++i) {
    std::uint8_t* image = split.bytes.data() + i * h * w;
    for (std::size_t y = 0; y < h; ++y)
      for (std::size_t x = 0; x < w; ++x) turned[y * w + x] = image[x * h + y];
    std::copy(turned.begin(), turned.end(), image);
  }
}

Dataset open_mnist(const Request& request, ThreadPool& threads) {
  const Place place = find_place(request);
  const Paths paths = find_files(place);
  std::array<Idx, file_count> files;
  threads.run(file_count, [&](std::size_t i) {
    if (!paths[i].empty()) files[i] = read_idx(paths[i]);
  });
  Dataset dataset;
  dataset.sample_shape = sample_shape(files[train_images], paths[train_images]);
  dataset.train = make_split(std::move(files[train_images]), files[train_labels],
                             paths[train_images], paths[train_labels]);
  if (!paths[test_images].empty()) {
    const Shape test_shape = sample_shape(files[test_images], paths[test_images]);
    if (test_shape != dataset.sample_shape)
      fail("'", paths[train_images], "' has images of ", dataset.sample_shape.text(), " but '",
           paths[test_images], "' of ", test_shape.text(), "; are they of the same set?");
    dataset.test = make_split(std::move(files[test_images]), files[test_labels], paths[test_images],
                              paths[test_labels]);
  }
  dataset.class_names = class_names(place, dataset);
  const Shape& shape = dataset.sample_shape;
  if (place.emnist() && shape.rank() == 3 && shape[2] == 1 && shape[0] == shape[1]) {
    for (Split* split : {&dataset.train, &dataset.test}) transpose(*split, shape);
    dataset.notes.emplace_back(
        "EMNIST's images lie on their side in the files; they are upright here");
  }
  return dataset;
}

}  // namespace

std::span<const Kind> mnist() {
  static constexpr std::array all = {
      Kind{"mnist", "mnist:DIR", open_mnist, nullptr, nullptr, mnist_paths}};
  return all;
}

}  // namespace rectify::data::ops
