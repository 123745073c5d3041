// Pictures without a split: one, or all below a folder.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <functional>

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

/// Height, width and channels of a sample. A model that takes a row of numbers and does not know of
/// what pictures (Model::picture) takes those of as many; others are made square, which only one
/// number of channels allows.
Shape image_shape(const SampleRequest& request, const Image& first, const std::string& path) {
  const Shape own{static_cast<std::int64_t>(first.height), static_cast<std::int64_t>(first.width),
                  static_cast<std::int64_t>(first.channels)};
  if (own.size() == request.shape.size()) return own;
  for (const std::int64_t channels : {1, 3}) {
    const auto side = std::llround(std::sqrt(double(request.shape.size()) / double(channels)));
    if (side * side * channels == request.shape.size()) return {side, side, channels};
  }
  fail("'", path, "' is ", own.text(), " (height x width x channels), but the model takes ",
       request.shape.text(), " numbers and does not say of what pictures; give it pictures of the ",
       "size that it was trained on");
}

/// The shape by the first picture that can be read; the error of the first if none can.
Shape shape_of_first(const SampleRequest& request, std::size_t count,
                     const std::function<std::string(std::size_t)>& path_of) {
  if (request.shape.rank() == 3) return request.shape;
  std::string trouble;
  for (std::size_t i = 0; i < count; ++i) {
    Image image;
    try {
      image = load_image(path_of(i));
    } catch (const Error& error) {
      if (trouble.empty()) trouble = error.what();
      continue;
    }
    return image_shape(request, image, path_of(i));
  }
  throw Error(trouble);
}

/// Leaves out the pictures that cannot be read, and says which. Throws Error where none can.
void leave_out_bad(Samples& samples, const std::vector<std::string>& troubles, std::size_t size) {
  if (std::ranges::all_of(troubles, &std::string::empty)) return;
  constexpr std::size_t most_named = 5;
  std::vector<std::string> kept;
  std::string named, first;
  std::size_t bad = 0;
  for (std::size_t i = 0; i < troubles.size(); ++i) {
    if (!troubles[i].empty()) {
      if (first.empty()) first = troubles[i];
      if (++bad <= most_named) named += (named.empty() ? "" : "; ") + troubles[i];
      continue;
    }
    if (kept.size() != i)
      std::copy_n(samples.split.bytes.data() + i * size, size,
                  samples.split.bytes.data() + kept.size() * size);
    kept.push_back(std::move(samples.places[i]));
  }
  if (kept.empty()) throw Error(first);
  samples.notes.push_back(concat(
      bad, bad == 1 ? " picture is" : " pictures are", " left out, which cannot be read: ", named,
      bad > most_named ? concat(" and ", bad - most_named, " more") : ""));
  samples.places = std::move(kept);
  samples.split.bytes.resize(samples.places.size() * size);
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
  const Shape shape = shape_of_first(request, samples.places.size(), path_of);
  const auto height = static_cast<std::size_t>(shape[0]),
             width = static_cast<std::size_t>(shape[1]),
             channels = static_cast<std::size_t>(shape[2]);
  const std::size_t size = height * width * channels;
  samples.split.bytes.resize(samples.places.size() * size);
  std::atomic<std::size_t> resized = 0;
  std::vector<std::string> troubles(samples.places.size());
  threads.run(samples.places.size(), [&](std::size_t i) {
    try {
      Image image = load_image(path_of(i));
      resized += image.height != height || image.width != width;
      image = fitted(std::move(image), height, width, channels);
      std::ranges::copy(image.bytes, samples.split.bytes.data() + i * size);
    } catch (const Error& error) {
      troubles[i] = error.what();
    }
  });
  leave_out_bad(samples, troubles, size);
  samples.split.count = samples.places.size();
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
