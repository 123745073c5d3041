#include "rectify/data/images/image_listing.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "rectify/base/error.h"
#include "rectify/data/formats/text_encoding.h"
#include "rectify/data/places.h"

namespace rectify::data {

bool is_picture_name(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (name.starts_with('.') || dot == std::string::npos) return false;
  std::string end = name.substr(dot + 1);
  for (char& letter : end)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return end == "jpg" || end == "jpeg" || end == "png";
}

namespace {

namespace fs = std::filesystem;

/// The folders in `folder`, without hidden folders.
std::vector<std::string> class_folders(const std::string& folder) {
  std::vector<std::string> names;
  for (std::string& name : names_in(folder)) {
    std::error_code ignored;
    if (!name.starts_with('.') && fs::is_directory(fs::path(folder) / name, ignored))
      names.push_back(std::move(name));
  }
  if (names.empty())
    fail("'", folder, "' has no folders of classes; each class needs a folder of its pictures");
  for (const std::string& name : names)
    if (!is_plain_utf8(name))
      fail("'", folder, "' has a class whose name is not in UTF-8: '", decode_text(name).text,
           "'; rename its folder");
  return names;
}

std::vector<ImageFile> list_class(const std::string& folder, std::int32_t label) {
  std::vector<ImageFile> files;
  for (const std::string& name : names_in(folder)) {
    if (!is_picture_name(name)) continue;
    ImageFile file{.path = folder + "/" + name, .label = label};
    struct stat info {};
    if (::stat(file.path.c_str(), &info) == 0) {  // else whoever decodes it says what is wrong
      file.size = info.st_size;
      file.time = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
    }
    files.push_back(std::move(file));
  }
  if (files.empty()) fail("'", folder, "' has no pictures that end in .jpg, .jpeg or .png");
  return files;
}

std::vector<ImageFile> list_split(const std::string& folder,
                                  const std::vector<std::string>& folders,
                                  const std::vector<std::string>& class_names,
                                  ThreadPool& threads) {
  std::vector<std::vector<ImageFile>> found(folders.size());
  threads.run(folders.size(), [&](std::size_t i) {
    const auto at = std::lower_bound(class_names.begin(), class_names.end(), folders[i]);
    if (at == class_names.end() || *at != folders[i])
      fail("'", folder, "' has a class '", folders[i], "' that the training pictures do not have");
    found[i] =
        list_class(folder + "/" + folders[i], static_cast<std::int32_t>(at - class_names.begin()));
  });
  std::vector<ImageFile> all;
  for (std::vector<ImageFile>& files : found)
    all.insert(all.end(), std::make_move_iterator(files.begin()),
               std::make_move_iterator(files.end()));
  return all;
}

/// Whether a folder has pictures of its own, as that of a class called 'train' has.
bool holds_pictures(const std::string& folder) {
  return std::ranges::any_of(names_in(folder), is_picture_name);
}

}  // namespace

ImageListing list_images(const std::string& folder, ThreadPool& threads) {
  const std::string train = folder + "/train", test = folder + "/test";
  std::error_code ignored;
  const bool split = fs::is_directory(train, ignored) && !holds_pictures(train);
  const std::string& from = split ? train : folder;
  ImageListing listing;
  listing.class_names = class_folders(from);
  listing.train = list_split(from, listing.class_names, listing.class_names, threads);
  if (split && fs::is_directory(test, ignored))
    listing.test = list_split(test, class_folders(test), listing.class_names, threads);
  return listing;
}

}  // namespace rectify::data
