#include "cli/fetch/published.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::cli {

std::span<const PublishedSet> published_sets() {
  static const PublishedSet all[] = {
      // yann.lecun.com no longer serves them; this is the copy that PyTorch's developers keep.
      {.name = "mnist",
       .base = "https://ossci-datasets.s3.amazonaws.com/mnist/",
       .files = {{"train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"},
                 {"train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432"},
                 {"t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3"},
                 {"t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c"}},
       .members = {},
       .kind = "mnist"},
      {.name = "fashion-mnist",
       .base = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
       .files = {{"train-images-idx3-ubyte.gz", 26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
                 {"train-labels-idx1-ubyte.gz", 29515, "25c81989df183df01b3e8a0aad5dffbe"},
                 {"t10k-images-idx3-ubyte.gz", 4422102, "bef4ecab320f06d8554ea6380940ec79"},
                 {"t10k-labels-idx1-ubyte.gz", 5148, "bb300cfdad3c16e7a12a480ee83cd310"}},
       .members = {},
       .kind = "mnist"},
      {.name = "cifar10",
       .base = "https://www.cs.toronto.edu/~kriz/",
       .files = {{"cifar-10-binary.tar.gz", 170052171, "c32a1d4ab5d03f1284b67883e8d87530"}},
       .members = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                   "data_batch_5.bin", "test_batch.bin", "batches.meta.txt"},
       .kind = "cifar10"},
  };
  return all;
}

const PublishedSet& published_set(const std::string& name) {
  std::vector<std::string> names;
  for (const PublishedSet& set : published_sets()) {
    if (set.name == name) return set;
    names.push_back(set.name);
  }
  fail("there is no data set '", name, "' to fetch", suggestion(name, names));
}

}  // namespace rectify::cli
