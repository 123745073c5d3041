#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/data/idx.h"
#include "rectify/data/kinds.h"

namespace rectify::data {

namespace {

namespace fs = std::filesystem;

/// The names that a file goes by, e.g. train-images-idx3-ubyte and train-images.idx3-ubyte, plain
/// before packed. `ranks` are the digits that may stand after "idx", the usual one first.
std::vector<std::string> spellings(const std::string& stem, std::string_view ranks) {
  std::vector<std::string> names;
  for (const char rank : ranks)
    for (const char* packed : {"", ".gz"})
      for (const char* joint : {"-", "."})
        names.push_back(stem + joint + "idx" + rank + "-ubyte" + packed);
  return names;
}

/// The path of the first spelling that is there, or nothing.
std::string find_file(const std::string& folder, const std::vector<std::string>& names) {
  std::string directory;
  for (const std::string& name : names) {
    const std::string path = (fs::path(folder) / name).string();
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    if (!fs::is_directory(path, ignored)) return path;
    directory = path;  // reading it says what is wrong, unless another spelling is a file
  }
  return directory;
}

/// The four files of the set, in this order.
enum File { train_images, train_labels, test_images, test_labels, file_count };

std::array<std::string, file_count> find_files(const Request& request) {
  const std::string& folder = request.argument;
  if (folder.empty()) fail(request.what(), ": name the folder of the IDX files, as in mnist:DIR");
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status))
    fail("cannot open '", folder, "': ", error ? error.message() : "No such file or directory");
  if (!fs::is_directory(status))
    fail("'", folder, "' is not a directory; mnist:DIR needs the folder that holds the IDX files");
  constexpr std::array stems = {"train-images", "train-labels", "t10k-images", "t10k-labels"};
  std::array<std::string, file_count> paths;
  for (std::size_t i = 0; i < file_count; ++i) {
    const bool images = i == train_images || i == test_images;
    const std::vector<std::string> names = spellings(stems[i], images ? "324" : "1");
    paths[i] = find_file(folder, names);
    if (paths[i].empty())
      fail("cannot open '", (fs::path(folder) / names[0]).string(),
           "': No such file or directory (nor '", names[1], "', with or without .gz)");
  }
  return paths;
}

/// 28x28x1 for 60000x28x28: what stands after the count, with a channel for plain images.
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

}  // namespace

Dataset open_mnist(const Request& request, ThreadPool& threads) {
  const std::array<std::string, file_count> paths = find_files(request);
  std::array<Idx, file_count> files;
  threads.run(file_count, [&](std::size_t i) { files[i] = read_idx(paths[i]); });
  Dataset dataset;
  dataset.sample_shape = sample_shape(files[train_images], paths[train_images]);
  const Shape test_shape = sample_shape(files[test_images], paths[test_images]);
  if (test_shape != dataset.sample_shape)
    fail("'", paths[train_images], "' has images of ", dataset.sample_shape.text(), " but '",
         paths[test_images], "' of ", test_shape.text(), "; are they of the same set?");
  dataset.train = make_split(std::move(files[train_images]), files[train_labels],
                             paths[train_images], paths[train_labels]);
  dataset.test = make_split(std::move(files[test_images]), files[test_labels], paths[test_images],
                            paths[test_labels]);
  std::int32_t last = 0;
  for (const Split* split : {&dataset.train, &dataset.test})
    last = std::max(last, *std::max_element(split->labels.begin(), split->labels.end()));
  for (std::int32_t label = 0; label <= last; ++label)
    dataset.class_names.push_back(std::to_string(label));
  return dataset;
}

}  // namespace rectify::data
