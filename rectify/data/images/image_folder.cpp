#include "rectify/data/images/image_folder.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/data/images/image.h"
#include "rectify/data/images/image_cache.h"
#include "rectify/data/images/image_listing.h"
#include "rectify/data/large_memory.h"

namespace rectify::data {

namespace {

constexpr std::size_t files_per_tile = 16;
// Memory grows while pictures are decoded, so that files that are not pictures cannot claim it.
constexpr std::size_t files_per_round = 8192;
constexpr std::size_t most_named = 10;

/// What every sample is to be, and the picture that says so where no option does.
struct Standard {
  std::string path;
  std::size_t width = 0, height = 0, channels = 0;
  bool fits_all = false;      ///< whether pictures of other sizes are made to fit
  bool any_channels = false;  ///< whether colours are made grey
  std::size_t bytes() const { return width * height * channels; }
};

/// Pictures of a split that did not become samples, by their position, and why.
struct Trouble {
  std::map<std::size_t, std::string> bad;
  std::map<std::size_t, std::string> other_size;  ///< "'b.png' is 3x4"
  std::size_t transparent = 0;                    ///< pictures that have no trouble, but a note
  bool colour = false;  ///< whether there was colour where grey was expected
};

/// "a; b; c and 4 more" of the texts, which are in the order of the files.
std::string listed(const std::map<std::size_t, std::string>& texts) {
  std::string list;
  std::size_t count = 0;
  for (const auto& [at, text] : texts)
    if (++count <= most_named) list += (list.empty() ? "" : "; ") + text;
  return count > most_named ? concat(list, " and ", count - most_named, " more") : list;
}

/// An error's text without the advice at its end.
std::string without_advice(const std::string& error) { return error.substr(0, error.rfind("; ")); }

/// Decodes `files` into `split`, until there is colour where grey was expected.
Trouble decode(const std::vector<ImageFile>& files, const Standard& standard, Split& split,
               ThreadPool& threads) {
  Trouble trouble;
  std::mutex one_at_a_time;
  std::atomic<bool> colour = false;
  const std::size_t size = standard.bytes();
  split.bytes.clear();
  reserve_large(split.bytes, files.size() * size);
  const auto decode_one = [&](std::size_t i) {
    std::string bad, other_size;
    Image image;
    try {
      image = load_image(files[i].path);
    } catch (const Error& error) {
      bad = error.what();
    }
    const bool fits = image.width == standard.width && image.height == standard.height;
    if (bad.empty() && !fits && !standard.fits_all)
      other_size = concat("'", files[i].path, "' is ", image.width, "x", image.height);
    if (bad.empty() && image.channels > standard.channels && !standard.any_channels) colour = true;
    if (!bad.empty() || !other_size.empty() || image.transparent) {
      const std::lock_guard lock(one_at_a_time);
      trouble.transparent += image.transparent;
      if (!bad.empty()) trouble.bad[i] = bad;
      if (!other_size.empty()) trouble.other_size[i] = other_size;
    }
    if (!bad.empty() || !other_size.empty() || colour) return;
    const Image sample =
        fitted(std::move(image), standard.height, standard.width, standard.channels);
    std::ranges::copy(sample.bytes, split.bytes.data() + i * size);
  };
  for (std::size_t first = 0; first < files.size() && !colour; first += files_per_round) {
    const std::size_t last = std::min(files.size(), first + files_per_round);
    split.bytes.resize(last * size);
    threads.run((last - first + files_per_tile - 1) / files_per_tile, [&](std::size_t tile) {
      const std::size_t begin = first + tile * files_per_tile;
      for (std::size_t i = begin; i < std::min(last, begin + files_per_tile) && !colour; ++i)
        decode_one(i);
    });
  }
  trouble.colour = colour;
  return trouble;
}

/// The first training picture that can be read says what the options do not.
Standard standard_of(const ImageListing& listing, const PictureOptions& options) {
  Standard standard{.width = options.width,
                    .height = options.height,
                    .channels = options.channels,
                    .fits_all = options.width > 0,
                    .any_channels = options.channels > 0};
  for (const ImageFile& file : listing.train) {
    if (standard.fits_all && standard.any_channels) break;
    try {
      const Image image = load_image(file.path);
      standard.path = file.path;
      if (!standard.fits_all) standard.width = image.width, standard.height = image.height;
      if (!standard.any_channels) standard.channels = image.channels;
      break;
    } catch (const Error&) {  // told of with all others
    }
  }
  if (standard.width == 0) standard.width = standard.height = 1;  // no picture can be read
  if (standard.channels == 0) standard.channels = 1;
  return standard;
}

void fail_for_sizes(const std::map<std::size_t, std::string>& other, std::size_t pictures,
                    const Standard& standard) {
  const std::string needed =
      concat("give the size that all are made into, height x width, as in images:DIR,size=",
             standard.height, "x", standard.width);
  if (other.size() == 1)
    fail(other.begin()->second, " pixels but '", standard.path, "' is ", standard.width, "x",
         standard.height, "; all pictures must have one size, or ", needed);
  fail(other.size(), " of ", pictures, " pictures are not ", standard.width, "x", standard.height,
       " pixels like '", standard.path, "': ", listed(other), "; ", needed);
}

/// Both splits' troubles as one, so that each is told of once.
std::map<std::size_t, std::string> joined(const std::map<std::size_t, std::string>& train,
                                          const std::map<std::size_t, std::string>& test,
                                          std::size_t train_count) {
  std::map<std::size_t, std::string> all = train;
  for (const auto& [at, text] : test) all[train_count + at] = text;
  return all;
}

void fail_for_bad(const std::map<std::size_t, std::string>& bad, std::size_t pictures) {
  if (bad.size() == 1)
    fail(bad.begin()->second, "; or leave it out with bad=skip, as in images:DIR,bad=skip");
  std::map<std::size_t, std::string> texts;
  for (const auto& [at, text] : bad) texts[at] = without_advice(text);
  fail(bad.size(), " of ", pictures, " pictures cannot be read: ", listed(texts),
       "; replace or remove them, or leave them out with bad=skip, as in images:DIR,bad=skip");
}

/// Leaves out the pictures at these positions.
void leave_out(const std::map<std::size_t, std::string>& bad, std::size_t size,
               std::vector<ImageFile>& files, Split& split) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (bad.contains(i)) continue;
    if (kept != i) {
      files[kept] = std::move(files[i]);
      std::copy_n(split.bytes.data() + i * size, size, split.bytes.data() + kept * size);
    }
    ++kept;
  }
  files.resize(kept);
  split.bytes.resize(kept * size);
}

void check_classes(const ImageListing& listing) {
  std::vector<std::size_t> counts(listing.class_names.size());
  for (const ImageFile& file : listing.train) ++counts[static_cast<std::size_t>(file.label)];
  for (std::size_t label = 0; label < counts.size(); ++label)
    if (counts[label] == 0)
      fail("no training picture of class '", listing.class_names[label],
           "' can be read; replace them, or remove the class's folder");
}

/// Decodes all pictures. Returns whether some were left out.
bool decode_all(ImageListing& listing, const PictureOptions& options, Dataset& dataset,
                std::size_t& transparent, ThreadPool& threads) {
  Standard standard = standard_of(listing, options);
  Trouble train = decode(listing.train, standard, dataset.train, threads);
  Trouble test = train.colour ? Trouble{} : decode(listing.test, standard, dataset.test, threads);
  if (train.colour || test.colour) {
    standard.channels = 3;
    train = decode(listing.train, standard, dataset.train, threads);
    test = decode(listing.test, standard, dataset.test, threads);
  }
  const std::size_t pictures = listing.train.size() + listing.test.size();
  const auto bad = joined(train.bad, test.bad, listing.train.size());
  if (!bad.empty() && (!options.skip_bad || bad.size() == pictures)) fail_for_bad(bad, pictures);
  const auto other = joined(train.other_size, test.other_size, listing.train.size());
  if (!other.empty()) fail_for_sizes(other, pictures, standard);
  leave_out(train.bad, standard.bytes(), listing.train, dataset.train);
  leave_out(test.bad, standard.bytes(), listing.test, dataset.test);
  if (!bad.empty()) {
    check_classes(listing);
    std::map<std::size_t, std::string> texts;
    for (const auto& [at, text] : bad) texts[at] = without_advice(text);
    dataset.notes.push_back(concat(bad.size(), " of ", pictures,
                                   bad.size() == 1 ? " pictures cannot be read and is left out: "
                                                   : " pictures cannot be read and are left out: ",
                                   listed(texts)));
  }
  transparent = train.transparent + test.transparent;
  dataset.sample_shape =
      Shape{static_cast<std::int64_t>(standard.height), static_cast<std::int64_t>(standard.width),
            static_cast<std::int64_t>(standard.channels)};
  return !bad.empty();
}

void set_labels(const std::vector<ImageFile>& files, Split& split) {
  split.count = files.size();
  for (const ImageFile& file : files) split.labels.push_back(file.label);
}

/// Says so where a folder has a split that is not called as the one that is read.
void note_unread(const std::string& folder, const ImageListing& listing,
                 std::vector<std::string>& notes) {
  std::error_code ignored;
  const bool split = std::ranges::count(listing.class_names, "train") == 0 &&
                     std::filesystem::is_directory(folder + "/train", ignored);
  for (const char* other : {"val", "valid", "validation"})
    if (split && std::filesystem::is_directory(concat(folder, "/", other), ignored))
      notes.push_back(concat("'", folder, "/", other, "' is not read: splits are train and test"));
}

}  // namespace

Dataset read_image_folder(const std::string& folder, ThreadPool& threads,
                          const PictureOptions& options) {
  ImageListing listing = list_images(folder, threads);
  const ImageCache cache(folder, listing, options);
  Dataset dataset;
  std::size_t transparent = 0;
  if (!cache.load(dataset, transparent)) {
    const bool left_out = decode_all(listing, options, dataset, transparent, threads);
    if (!left_out) cache.store(dataset, transparent);  // it holds a sample for each file
  }
  if (transparent > 0)
    dataset.notes.push_back(concat(transparent,
                                   transparent == 1 ? " picture has" : " pictures have",
                                   " transparent parts, which are laid on white"));
  note_unread(folder, listing, dataset.notes);
  dataset.class_names = listing.class_names;
  set_labels(listing.train, dataset.train);
  set_labels(listing.test, dataset.test);
  return dataset;
}

}  // namespace rectify::data
