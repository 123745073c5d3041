// Pictures without a split: one, or all below a folder.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>

#include "rectify/base/error.h"
#include "rectify/data/images/image.h"
#include "rectify/data/images/image_listing.h"
#include "rectify/data/samples.h"

namespace rectify::data {

namespace {

namespace fs = std::filesystem;

/// The pictures below `folder`, as paths from there, in alphabetical order.
std::vector<std::string> pictures_below(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().starts_with('.')) {
      entry.disable_recursion_pending();
      continue;
    }
    if (is_picture_name(entry->path().filename().string()))
      found.push_back(entry->path().lexically_relative(folder).string());
  }
  if (error) fail("cannot read the folder '", folder, "': ", error.message());
  if (found.empty()) fail("'", folder, "' has no pictures that end in .jpg, .jpeg or .png");
  std::ranges::sort(found);
  return found;
}

/// Height, width and channels of a sample. A model that takes a row of numbers takes any picture of
/// as many; others are made square, which only one number of channels allows.
Shape image_shape(const SampleRequest& request, const Image& first, const std::string& path) {
  if (request.shape.rank() == 3) return request.shape;
  const auto height = static_cast<std::int64_t>(first.height),
             width = static_cast<std::int64_t>(first.width);
  for (const std::int64_t channels : {1, 3})
    if (height * width * channels == request.shape.size()) return {height, width, channels};
  for (const std::int64_t channels : {1, 3}) {
    const auto side = std::llround(std::sqrt(double(request.shape.size()) / double(channels)));
    if (side * side * channels == request.shape.size()) return {side, side, channels};
  }
  fail("'", path, "' is ", first.width, "x", first.height, " pixels, but the model takes ",
       request.shape.text(), " numbers; give it pictures of the size that it was trained on");
}

}  // namespace

Samples samples_of_pictures(const std::string& path, const SampleRequest& request,
                            ThreadPool& threads) {
  Samples samples{.unit = "file"};
  const bool folder = fs::is_directory(path);
  samples.places = folder ? pictures_below(path) : std::vector<std::string>{path};
  const auto path_of = [&](std::size_t i) {
    return folder ? path + "/" + samples.places[i] : samples.places[i];
  };
  const Shape shape = image_shape(request, load_image(path_of(0)), path_of(0));
  const auto height = static_cast<std::size_t>(shape[0]),
             width = static_cast<std::size_t>(shape[1]),
             channels = static_cast<std::size_t>(shape[2]);
  samples.split.count = samples.places.size();
  samples.split.bytes.resize(samples.split.count * height * width * channels);
  std::atomic<std::size_t> resized = 0;
  threads.run(samples.split.count, [&](std::size_t i) {
    Image image = load_image(path_of(i));
    resized += image.height != height || image.width != width;
    image = fitted(std::move(image), height, width, channels);
    std::ranges::copy(image.bytes, samples.split.bytes.data() + i * image.bytes.size());
  });
  if (resized > 0)
    samples.notes.push_back(concat(resized.load(), " of ", samples.split.count,
                                   " pictures had another size and were fitted to ", width, "x",
                                   height));
  if (!request.classes) return samples;
  for (std::size_t i = 0; i < samples.places.size(); ++i) {
    const std::string name = fs::path(path_of(i)).parent_path().filename().string();
    const bool known = std::ranges::count(*request.classes, name) > 0;
    samples.actual.push_back(known ? name : "");
  }
  if (std::ranges::all_of(samples.actual, [](const std::string& name) { return name.empty(); }))
    samples.actual.clear();
  return samples;
}

}  // namespace rectify::data
